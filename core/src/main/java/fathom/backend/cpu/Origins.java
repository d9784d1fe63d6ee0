package fathom.backend.cpu;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which entries of the graph each step computes.
///
/// A value that a step writes to memory is computed there; one that has no place in memory, or
/// loses it because only its own loop reads it, is computed by whoever uses it. A step whose
/// results are nobody's value, such as the partial results of a sum, is part of the steps that read
/// them.
record Origins(Graph graph, Places places, List<Step> steps) {
    /// For each step its entries, in their order.
    List<List<Integer>> entries() {
        Map<Storage, Set<Integer>> written = written();
        int n = graph.entries().size();
        List<Set<Integer>> stepsOf = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            stepsOf.add(new TreeSet<>());
        }
        List<List<Integer>> entries = new ArrayList<>();
        steps.forEach(_ -> entries.add(new ArrayList<>()));
        for (int i = n - 1; i >= 0; i--) {
            Set<Integer> own = stepsOf.get(i);
            if (places.isStored(i)) {
                Set<Integer> writing = written.getOrDefault(places.storage(i), Set.of());
                if (!writing.isEmpty()) {
                    // Its users read what is written here.
                    own.clear();
                    own.addAll(writing);
                }
            }
            Entry e = graph.entries().get(i);
            e.inputs().forEach(in -> stepsOf.get(in).addAll(own));
            if (!e.isLeaf()) {
                int entry = i;
                own.forEach(step -> entries.get(step).addFirst(entry));
            }
        }
        return entries;
    }

    /// For each place the steps that have a part in what is written there.
    private Map<Storage, Set<Integer>> written() {
        Set<Storage> values = new HashSet<>();
        for (int i = 0; i < graph.entries().size(); i++) {
            if (places.isStored(i)) {
                values.add(places.storage(i));
            }
        }
        Map<Storage, Set<Integer>> written = new HashMap<>();
        for (int k = 0; k < steps.size(); k++) {
            Set<Integer> parts = new TreeSet<>(Set.of(k));
            for (Storage s : steps.get(k).reads()) {
                if (!values.contains(s)) {
                    parts.addAll(written.getOrDefault(s, Set.of()));
                }
            }
            for (Storage s : steps.get(k).writes()) {
                written.computeIfAbsent(s, _ -> new TreeSet<>()).addAll(parts);
            }
        }
        return written;
    }
}
