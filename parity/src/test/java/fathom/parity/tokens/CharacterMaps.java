package fathom.parity.tokens;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/// Writes the tables of SentencePiece in which characters are replaced.
final class CharacterMaps {
    private static final int UNITS = 1 << 16;

    private final int[] units = new int[UNITS];
    private final boolean[] used = new boolean[UNITS];

    private CharacterMaps() {}

    /// A node of the trie of all keys.
    private static final class Node {
        final TreeMap<Integer, Node> children = new TreeMap<>();
        int value = -1;
    }

    private record Place(Node node, int index) {}

    static byte[] of(Map<String, String> replacements) {
        StringBuilder texts = new StringBuilder();
        Node root = new Node();
        new TreeMap<>(replacements).forEach((key, replacement) -> {
            Node node = root;
            for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
                node = node.children.computeIfAbsent(b & 0xff, c -> new Node());
            }
            node.value = texts.toString().getBytes(StandardCharsets.UTF_8).length;
            texts.append(replacement).append('\0');
        });
        int[] trie = new CharacterMaps().place(root);
        byte[] bytes = texts.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(4 + 4 * trie.length + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(4 * trie.length);
        for (int unit : trie) {
            out.putInt(unit);
        }
        return out.put(bytes).array();
    }

    /// Finds for each node a place from which all its children, by their labels, are free.
    private int[] place(Node root) {
        used[0] = true;
        Deque<Place> open = new ArrayDeque<>();
        open.add(new Place(root, 0));
        while (!open.isEmpty()) {
            Place place = open.remove();
            int base = base(place);
            int offset = base ^ place.index();
            units[place.index()] |= offset << 10 | (place.node().value >= 0 ? 1 << 8 : 0);
            if (place.node().value >= 0) {
                used[base] = true;
                units[base] = 1 << 31 | place.node().value;
            }
            place.node().children.forEach((label, child) -> {
                int index = base ^ label;
                used[index] = true;
                units[index] |= label;
                open.add(new Place(child, index));
            });
        }
        return units;
    }

    private int base(Place place) {
        for (int base = 1; base < UNITS; base++) {
            int candidate = base;
            boolean free =
                    !used[base] && place.node().children.keySet().stream().noneMatch(label -> used[candidate ^ label]);
            if (free) {
                return base;
            }
        }
        throw new IllegalStateException("no place is free");
    }
}
