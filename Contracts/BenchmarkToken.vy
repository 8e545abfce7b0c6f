# pragma version 0.4.3
"""
@title The ERC-20 token of the execution benchmark: balances and transfers, nothing else
@license MIT OR Apache-2.0
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

balanceOf: public(HashMap[address, uint256])


@external
def transfer(receiver: address, amount: uint256) -> bool:
    assert receiver != empty(address), "token: receiver is zero"
    assert self.balanceOf[msg.sender] >= amount, "token: balance too low"
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=msg.sender, receiver=receiver, amount=amount)
    return True
