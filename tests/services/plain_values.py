"""Brings values of Python to the form in which Millrace's are compared with them: instants and days as text, decimals in full.

`naive` is what stands behind a time without a zone: `Z` where such times are instants in UTC."""

import datetime
import decimal
import math

UTC = datetime.timezone.utc


def plain(value, naive=""):
    if isinstance(value, dict):
        return {key: plain(item, naive) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {key: plain(item, naive) for key, item in value}
        return [plain(item, naive) for item in value]
    if isinstance(value, datetime.datetime):
        instant = value.astimezone(UTC) if value.tzinfo else value
        text = instant.replace(tzinfo=None).isoformat(timespec="microseconds").rstrip("0").rstrip(".")
        return text + ("Z" if value.tzinfo else naive)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    return value
