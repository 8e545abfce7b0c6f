// Keys and small values that the tests share. The keys are worthless on purpose.
import Consensus
import Crypto
import Primitives

func testKey(_ number: Int) -> SecretKey {
    SecretKey(Keccak256.hash(Array("consensus test key \(number)".utf8)).bytes)!
}

func testKeys(_ count: Int) -> [SecretKey] { (0..<count).map(testKey) }
