from iacscan.policy.describe import describe
from iacscan.policy.document import parse
from iacscan.value import Unknown


def line(**elements):
    (text,) = describe(parse({"Statement": {"Effect": "Allow", **elements}}).statements[0])
    return text


def test_a_statement_is_one_line_of_json():
    text = line(Sid="A", Principal="*", Action="s3:GetObject", Resource="*", Condition={"Bool": {"aws:SecureTransport": True}})
    assert text == (
        '{"Sid":"A","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*",'
        '"Condition":"Bool aws:SecureTransport true"}'
    )


def test_order_and_repetition_do_not_show():
    assert line(Action=["b:B", "a:A", "a:A"]) == line(Action=["a:A", "b:B"])


def test_a_long_list_is_counted():
    assert line(Action=[f"s3:A{n}" for n in range(9)]).endswith('"s3:A4","(4 more)"]}')


def test_what_is_not_known_is_said():
    assert '"Resource":"(not known)"' in line(Action="*", Resource=Unknown("later"))
