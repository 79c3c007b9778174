"""Indexes on alarms in words that every engine understands: a number is compared, and not taken for a truth.

The ninth step of the schema. A statement uses an index on a part of the rows only where it has the same words.
"""

from typing import Final

PLAIN_TRUTH: Final = """
    drop index alarms_to_show;
    drop index alarms_of_silence;
    create index alarms_to_show on alarms (message) where is_new = 1;
    create index alarms_of_silence on alarms (session) where kind = 'silence' and over = 0;
"""
