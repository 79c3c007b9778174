"""The tables of checked scenarios, with the meaning of every column: the second step of the schema."""

from typing import Final

SCENARIO_CHECKS: Final = """
    create table scenario_checks (  -- what a check of scenarios has shown; digests stand for what is the customer's
        digest text not null,  -- SHA-256 of the sources, in order
        stop text not null,  -- SHA-256 of the stop: body, content type, path, method
        verdict text not null check (verdict in (
            'stops', 'stops with another word', 'stops with the kit', 'does nothing', 'throws', 'cannot tell')),
        with_kit text check (with_kit in (  -- with the kit in front; null: not tried
            'stops', 'stops with another word', 'stops with the kit', 'does nothing', 'throws', 'cannot tell')),
        has_kit integer not null,  -- the kit was among the sources
        works text,  -- for session-bot.toml: a stop that ends it
        sentence text not null,
        checked_at text not null,
        primary key (digest, stop)
    ) strict;

    create table rule_sources (  -- which sources a rule had when they were read
        rule_id integer primary key,
        fingerprint text not null,  -- SHA-256 of its scenarios' numbers and modification times, in order
        digest text not null
    ) strict;
"""
