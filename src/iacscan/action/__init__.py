"""What the steps of action.yml run: `python -m iacscan.action.scan` and `python -m iacscan.action.comment`.

They are told everything through the environment (`INPUT_*` by action.yml, the rest by the runner) and answer through the
runner's files, https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions. Nothing that comes from a
pull request is run or believed: its files are read as what they are, and every text of theirs is escaped.
"""
