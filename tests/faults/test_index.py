"""The index of bad surroundings: each kind, and the test that plays it. A kind whose test is gone fails here.

Those that need a whole process are in this folder; the others stand beside the part that they meet.
"""

# ruff: noqa: E501 - a row of the table is a line

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parent.parent

INDEX: Final[Mapping[str, str]] = {
    # names and addresses
    "DNS64 and NAT64": "voximplant/test_hosts.py::test_an_address_by_nat64_is_the_one_inside",
    "a NAT64 prefix of the network's own": "voximplant/test_hosts.py::test_a_prefix_of_the_networks_own_is_a_setting",
    "no DNS": "conversations/test_platform_trouble.py::test_a_name_that_cannot_be_looked_up_starts_nothing",
    "a name server that hangs": "voximplant/test_hosts.py::test_a_name_server_that_hangs_is_not_waited_for",
    "one of several addresses is dead": "voximplant/test_session_url.py::test_another_address_is_tried_only_while_nothing_left",
    # descriptors
    "descriptors exhausted at both ports": "faults/test_crowd.py::test_idle_connections_hold_up_no_stop",
    "no descriptor is left": "faults/test_crowd.py::test_without_a_descriptor_left_nothing_is_half_done",
    "a request that never ends": "process/ops/test_listener.py::test_what_does_not_come_or_does_not_end_is_given_up",
    "no HTTP at the ports": "process/ops/test_listener.py::test_what_is_no_http_is_one_quiet_line",
    "more commands than the process holds": "dispatch/test_capacity.py::test_beyond_the_bound_a_command_is_refused_in_a_sentence",
    # clocks
    "the clock set back: an end": "conversations/test_clock_set.py::test_an_end_is_noticed_all_the_same",
    "the clock set back: an old reading": "conversations/test_clock_set.py::test_a_reading_from_before_the_stop_is_not_quoted",
    "the clock set back: a limit": "conversations/test_clock_set.py::test_a_clock_set_back_does_not_put_a_limit_off",
    "the clock set forward": "conversations/test_clock_set.py::test_a_clock_set_forward_stops_nothing",
    "the clock set while the bot is down": "conversations/test_clock_set.py::test_a_stop_is_called_unconfirmed_by_what_was_read_after_it",
    "60 s ahead": "conversations/test_clock_set.py::test_what_was_just_typed_is_not_too_old",
    "the clock was never right": "conversations/test_clock_set.py::test_a_clock_that_was_never_right_lets_slacks_requests_in",
    "the clock changes between two presses": "conversations/test_clock_set.py::test_one_intent_stays_one_over_the_clocks_change",
    # disk and database
    "the disk is full": "storage/test_store.py::test_a_full_disk_undoes_what_did_not_fit",
    "the disk fails to write": "faults/test_process.py::test_a_disk_that_fails_loses_nothing",
    "a commit that waits, as on a slow disk": "faults/test_database.py::test_a_lock_that_is_soon_released_is_not_noticed",
    "a disk that takes seconds for a commit": "faults/test_disk.py::test_a_disk_that_hangs_is_said_in_time_and_holds_up_no_stop",
    "the database is read-only": "storage/test_store.py::test_a_read_only_database_is_told",
    "the disk becomes read-only": "faults/test_disk.py::test_a_disk_that_becomes_read_only_holds_up_no_stop",
    "the database is locked: a start": "faults/test_database.py::test_nothing_is_started_that_cannot_be_recorded",
    "the database is locked: a stop": "faults/test_database.py::test_a_stop_goes_out_all_the_same",
    "the database is locked for too long": "dispatch/test_capacity.py::test_stops_are_refused_once_too_many_records_wait",
    "the database is removed, replaced or corrupt": "faults/test_unsound.py::test_a_spoilt_file_is_said_and_takes_no_start",
    "the tables of a server are dropped": "faults/test_unsound.py::test_a_spoilt_server_is_said_and_takes_no_start",
    "the database comes back": "faults/test_unsound.py::test_what_is_put_back_goes_on",
    "damage while nobody asks": "faults/test_unsound.py::test_damage_is_noticed_though_nobody_asks",
    "lock file deleted, hard link": "faults/test_process.py::test_nothing_that_is_removed_or_linked_makes_two_bots",
    "WAL peak": "storage/test_store.py::test_a_peak_does_not_keep_its_room",
    "the key is lost": "faults/test_recovery.py::test_a_lost_key_is_said_where_it_matters_and_undone_when_it_is_found",
    # Slack
    "Slack: rate limits": "conversations/test_slack_trouble.py::test_updates_that_slack_refuses_for_a_while_are_made_up_for",
    "Slack: rate limits after a restart": "conversations/test_policy.py::test_after_a_restart_slack_is_not_asked_again_for_what_it_said",
    "Slack: it takes no answers": "dispatch/test_capacity.py::test_beyond_the_bound_of_answers_a_command_is_refused_in_its_ack",
    "Slack: a channel refuses for seconds": "conversations/test_slack_trouble.py::test_one_odd_answer_does_not_freeze_a_card",
    "Slack: an archived channel": "conversations/test_removed.py::test_an_archived_channels_outcomes_come_by_direct_message",
    "Slack: a dead response_url": "conversations/test_other_ways.py::test_what_a_response_url_does_not_take_is_whispered",
    "Slack: its host of response_urls is blocked": "conversations/test_other_ways.py::test_an_address_that_cannot_be_reached_is_none",
    "Slack: the token is revoked": "conversations/test_token.py::test_a_revoked_token_is_said_aloud_while_nobody_types",
    "Slack: the app token is refused": "conversations/test_token.py::test_a_refused_app_token_is_said_aloud",
    "Slack: it hangs": "conversations/test_slack_trouble.py::test_a_slack_that_hangs_holds_up_no_stop",
    "Slack: a page in its place": "conversations/test_slack_trouble.py::test_a_page_in_slacks_place_is_no_wrong_token",
    "Slack: a connection is replaced": "conversations/test_slack_trouble.py::test_a_connection_that_is_replaced_loses_nothing",
    "Slack: the connection is cut": "slack/inbound/test_broken_connections.py::test_a_connection_that_breaks_is_replaced_before_the_next_ping",
    "Slack: a connection falls silent": "slack/inbound/test_broken_connections.py::test_a_connection_that_falls_silent_is_replaced",
    "Slack: deliveries in another order": "slack/inbound/test_broken_connections.py::test_deliveries_in_another_order_are_done_once",
    "Slack: deliveries twice": "conversations/test_slack_trouble.py::test_what_slack_delivers_twice_is_done_once",
    "Slack: not there at the start": "faults/test_process.py::test_it_waits_for_slack_and_connects_then",
    "Slack: a flood": "conversations/test_flood.py::test_a_flood_of_sends_hides_no_alarm_and_refuses_no_start",
    # platform
    "platform: odd rows": "conversations/test_odd_history.py::test_an_odd_row_blinds_nobody_else",
    "platform: answers over 8 MB": "voximplant/test_lists.py::test_an_answer_over_8_mb_is_asked_for_in_halves",
    "platform: one application answers 104": "account/test_rules.py::test_one_application_that_does_not_answer_takes_no_names_from_the_others",
    "platform: 429": "voximplant/test_management.py::test_a_429_says_when_to_try_again",
    "platform: HTML instead of JSON": "voximplant/test_management.py::test_what_is_not_the_platforms_answer_is_unknown",
    "platform: a drip of bytes": "voximplant/test_lanes.py::test_a_drip_of_headers_is_cut_by_the_whole_deadline",
    "platform: a certificate for another name": "voximplant/test_lanes.py::test_a_certificate_for_another_name_is_not_trusted",
    "platform: a certificate that expired": "voximplant/test_session_url.py::test_a_certificate_whose_time_is_over_is_not_verified",
    "platform: redirects": "conversations/test_platform_trouble.py::test_a_redirect_is_not_followed",
    "platform: reset in the middle": "voximplant/test_management.py::test_a_connection_that_breaks_is_unknown",
    "platform: ids of 2^63": "voximplant/test_starts.py::test_a_number_is_read_if_it_can_be_kept",
    "platform: a start without an answer": "conversations/test_platform_trouble.py::test_a_start_without_an_answer_is_called_unknown_and_never_repeated",
    "platform: unreachable": "conversations/test_platform_trouble.py::test_a_platform_that_cannot_be_reached_starts_nothing",
    # proxies
    "proxy: CONNECT refused, 407": "voximplant/test_tunnels.py::test_a_proxy_that_gives_no_tunnel_is_surely_not_sent",
    "proxy: hangs or is gone": "voximplant/test_tunnels.py::test_a_proxy_that_hangs_or_is_not_there_is_surely_not_sent",
    "proxy: dies in the middle": "slack/inbound/test_broken_connections.py::test_a_proxy_that_dies_in_the_middle_makes_no_second_start",
    "proxy: gone for Slack's answers": "conversations/test_proxy.py::test_slacks_answers_wait_for_the_proxy",
    # the process
    "SSL_CERT_FILE leads nowhere": "faults/test_surroundings.py::test_a_certificate_file_that_is_not_there_is_one_line",
    "SIGTERM while work runs": "faults/test_process.py::test_a_signal_lets_running_work_end",
    "SIGTERM while the platform hangs": "faults/test_process.py::test_a_start_that_is_cut_off_is_unknown",
    "SIGTERM while the database is locked": "faults/test_surroundings.py::test_a_signal_ends_it_while_the_database_is_locked",
    "SIGTERM while Slack is down": "faults/test_surroundings.py::test_a_signal_ends_it_while_slack_is_down",
    "SIGTERM while it starts": "faults/test_process.py::test_a_signal_while_it_starts_ends_it",
    "kill -9 in the middle of a start": "faults/test_announced.py::test_a_start_that_a_kill_cut_off_runs_again",
}


@pytest.mark.parametrize("surroundings", INDEX)
def test_each_kind_of_surroundings_has_its_test(surroundings: str) -> None:
    """The test that is named for a kind of bad surroundings is there."""
    file, _, name = INDEX[surroundings].partition("::")
    path = TESTS / file
    found = path.exists() and re.search(rf"^(async )?def {name}\(", path.read_text("utf-8"), re.MULTILINE)
    assert found, f"{surroundings}: there is no {INDEX[surroundings]}"
