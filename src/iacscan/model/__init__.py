"""AWS as the account will hold it: frozen records, no behaviour beyond properties."""
