// Floor 6, Simulator: partitions of a few nodes, and which of them are the same up to names. Pure combinatorics.

/// The ways to split `nodes` into groups, and how renaming nodes maps one to another. A partition is the group of each node, groups numbered
/// in the order of their first node, so that each partition is written in one way.
struct Partitions: Sendable {
    let list: [[UInt8]]

    /// All partitions into at most `maximumGroups` groups, the undivided network first.
    init(nodes: Int, maximumGroups: Int) {
        var list: [[UInt8]] = []
        func extend(_ prefix: [UInt8], groups: UInt8) {
            guard prefix.count < nodes else { return list.append(prefix) }
            for group in 0...groups where Int(group) < maximumGroups {
                extend(prefix + [group], groups: max(groups, group + 1))
            }
        }
        extend([0], groups: 1)
        self.list = list
    }

    /// The same partition with groups numbered in the order of their first node.
    static func normalised(_ groups: [UInt8]) -> [UInt8] {
        var names: [UInt8] = []
        return groups.map { group in
            if let known = names.firstIndex(of: group) { return UInt8(known) }
            names.append(group)
            return UInt8(names.count - 1)
        }
    }

    /// Where each partition goes when node i is called `renaming[i]`.
    func images(_ renaming: [Int]) -> [Int] {
        list.map { groups in
            var renamed = groups
            for node in groups.indices { renamed[renaming[node]] = groups[node] }
            let wanted = Partitions.normalised(renamed)
            return list.firstIndex(of: wanted) ?? 0
        }
    }
}

/// A renaming of the nodes under which no scenario changes its meaning: keys of equal weight and kind swap places, a twin swaps with its original.
struct Renaming: Sendable {
    /// The new index of each key.
    let keys: [Int]
    /// The new index of each node.
    let nodes: [Int]

    /// All renamings of a setting.
    static func all(_ setting: TwinsSetting) -> [Renaming] {
        var result: [Renaming] = []
        for keys in permutations(setting.keys) {
            let keepsKind = (0..<setting.keys).allSatisfy {
                ($0 < setting.twins) == (keys[$0] < setting.twins) && setting.weights[$0] == setting.weights[keys[$0]]
            }
            guard keepsKind else { continue }
            for swaps in 0..<(1 << setting.twins) {
                let nodes = (0..<setting.nodes).map { node in
                    let key = setting.key(of: node)
                    let becomesTwin = (node >= setting.keys) != (key < setting.twins && swaps >> key & 1 == 1)
                    return becomesTwin ? setting.keys + keys[key] : keys[key]
                }
                result.append(Renaming(keys: keys, nodes: nodes))
            }
        }
        return result
    }

    private static func permutations(_ count: Int) -> [[Int]] {
        var result: [[Int]] = [[]]
        for _ in 0..<count { result = result.flatMap { prefix in (0..<count).filter { !prefix.contains($0) }.map { prefix + [$0] } } }
        return result
    }
}
