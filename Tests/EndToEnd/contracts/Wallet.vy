# pragma version 0.4.3
"""
@title Code that an account takes on by EIP-7702
@license MIT OR Apache-2.0
"""

event Ping:
    caller: indexed(address)
    number: uint256

calls: public(uint256)


@external
def ping(number: uint256) -> uint256:
    self.calls += 1
    log Ping(caller=msg.sender, number=number)
    return number + 1
