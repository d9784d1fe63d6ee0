package fathom.io.onnx.run;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The operators there are.
public final class OperatorTable {
    private final Map<Key, List<Operator>> entries;

    private record Key(String domain, String name) {}

    public OperatorTable(List<Operator> operators) {
        this.entries = operators.stream().collect(Collectors.groupingBy(o -> new Key(o.domain(), o.name())));
    }

    /// The entry that holds for a version of a domain's operators.
    public Optional<Operator> find(String domain, String name, int opset) {
        return entries.getOrDefault(new Key(domain, name), List.of()).stream()
                .filter(o -> o.since() <= opset)
                .max(Comparator.comparingInt(Operator::since));
    }

    /// The names of a domain's operators, sorted.
    public SortedSet<String> names(String domain) {
        return entries.keySet().stream()
                .filter(k -> k.domain().equals(domain))
                .map(Key::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Inputs of a node whose values say how it computes.
    public boolean isSetting(String domain, String name, int input) {
        return entries.getOrDefault(new Key(domain, name), List.of()).stream()
                .anyMatch(o -> o.settings().contains(input));
    }
}
