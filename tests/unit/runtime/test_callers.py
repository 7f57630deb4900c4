from __future__ import annotations

import sys

import pytest

from lambent.runtime.guest.callers import number_of

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(here: str, there: str, number: int) -> str:
    return f"   0: {here} {there} 01 00000000:00000000 00:00000000 00000000  1000        0 {number} 1 0\n"


@pytest.mark.skipif(sys.byteorder != "little", reason="addresses are written in the machine's own order")
def test_a_connection_is_found_by_both_of_its_ends() -> None:
    table = [HEAD, row("0100007F:0050", "0100007F:1F90", 1), row("0100007F:1F90", "0100007F:0050", 2)]
    assert number_of(table, 0x1F90, 0x50) == "2"
    assert number_of(table, 0x50, 0x1F90) == "1"
    assert number_of(table, 0x50, 0x50) is None


@pytest.mark.skipif(sys.byteorder != "little", reason="addresses are written in the machine's own order")
def test_a_connection_that_nobody_holds_has_no_number() -> None:
    assert number_of([HEAD, row("0100007F:0050", "0100007F:1F90", 0)], 0x50, 0x1F90) is None
