"""The arguments that the rules of the model draw: few people, places and times, so that they meet."""

from typing import Final

from hypothesis import strategies as st

from bot.ports import Via

PEOPLE: Final = st.sampled_from(["U1", "U2"])
CHANNELS: Final = st.sampled_from(["C1", "C2"])
WAYS: Final = st.sampled_from([Via.slash, Via.mention, Via.modal, Via.terminal])
NUMBERS: Final = st.integers(1, 4)
PAUSES: Final = st.sampled_from([0.0, 0.03, 0.2, 1.0, 5.0, 20.0, 70.0, 400.0])
SOON: Final = st.sampled_from([0.0, 0.04, 0.09, 0.16, 0.5])
STEPS: Final = st.integers(0, 30)
JUMPS: Final = st.sampled_from([-7200, -45, -3, 3, 45, 7200, 400_000])
