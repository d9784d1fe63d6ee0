package fathom.io.onnx.export;

import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Brings the elements of values into the order in which an operator wants them, with as few nodes as
/// that takes.
final class Arranger {
    private final GraphBuilder builder;
    private final SizeNodes sizes;

    Arranger(GraphBuilder builder, SizeNodes sizes) {
        this.builder = builder;
        this.sizes = sizes;
    }

    /// Operands of an elementwise operator, arranged so that broadcasting brings them together.
    ///
    /// @param names the operands
    /// @param rank of the result in the graph
    /// @param places where the result has each axis; -1 if its elements do not differ along it
    record Aligned(List<String> names, int rank, int[] places) {}

    /// Arranges operands of an elementwise operator, all of the same sizes but for repeated elements.
    Aligned aligned(List<Value> values) {
        int rank = values.getFirst().rank();
        boolean[] varies = new boolean[rank];
        for (Value v : values) {
            v.varying().forEach(i -> varies[i] = true);
        }
        Value leader = values.stream()
                .max(Comparator.comparingInt((Value v) -> v.varying().size())
                        .thenComparing(v -> !v.source().isFree()))
                .orElseThrow();
        boolean covers = IntStream.range(0, rank).allMatch(i -> !varies[i] || leader.varies(i));
        int stored = covers ? leader.source().rank() : rank;
        int[] places = new int[rank];
        for (int i = 0; i < rank; i++) {
            places[i] = !varies[i] ? -1 : covers ? leader.position(i) : i;
        }
        List<String> names =
                values.stream().map(v -> aligned(v, stored, places)).toList();
        return new Aligned(names, stored, places);
    }

    private String aligned(Value v, int rank, int[] places) {
        int own = v.source().rank();
        boolean fits = own <= rank && v.varying().stream().allMatch(i -> v.position(i) - own == places[i] - rank);
        if (fits) {
            return stored(v);
        }
        int first = v.varying().stream().mapToInt(i -> places[i]).min().orElse(rank);
        int[] shifted = Arrays.stream(places).map(p -> p - first).toArray();
        return placed(v, rank - first, shifted);
    }

    /// The elements as they are in the graph.
    String stored(Value v) {
        Source s = v.source();
        if (s.isFree()) {
            write(s, s.elements(), IntStream.range(0, s.rank()).toArray());
        }
        return s.name();
    }

    private void write(Source source, Tensor arranged, int[] positions) {
        source.written(builder.initializer(source.name(), arranged), arranged.rank(), positions);
    }

    /// The elements with each axis in its own place, and repeated where they are equal.
    String natural(Value v) {
        int[] places = IntStream.range(0, v.rank()).toArray();
        return expanded(v, placed(v, v.rank(), places), places, places);
    }

    /// The elements with the axes in other places, and repeated along some axes where they are equal.
    ///
    /// @param places a permutation of the axes: where each is to be
    /// @param whole the axes that must have all their elements
    String ordered(Value v, int[] places, int... whole) {
        return expanded(v, placed(v, v.rank(), places), places, whole);
    }

    private String expanded(Value v, String name, int[] places, int... whole) {
        List<Size> to = new ArrayList<>(Collections.nCopies(
                v.rank(),
                Size.fixed(1, v.sizes().isEmpty() ? 1 : v.sizes().getFirst().count())));
        boolean needed = false;
        for (int axis : whole) {
            if (!v.varies(axis) && !v.sizes().get(axis).isOne()) {
                to.set(places[axis], v.sizes().get(axis));
                needed = true;
            }
        }
        return needed ? builder.node("Expand", name, sizes.vector(to)) : name;
    }

    /// The elements with the axes along which they differ in given places of a tensor of the given rank,
    /// whose other axes are of size 1.
    String placed(Value v, int rank, int[] places) {
        List<Integer> wanted = v.varying().stream()
                .sorted(Comparator.comparingInt(i -> places[i]))
                .toList();
        if (v.source().isFree()) {
            return writtenFor(v, wanted, rank, places);
        }
        Source s = v.source();
        boolean there = s.rank() == rank && wanted.stream().allMatch(i -> v.position(i) == places[i]);
        if (there) {
            return s.name();
        }
        int[] now = wanted.stream().mapToInt(v::position).toArray();
        String name = s.name();
        int stored = s.rank();
        if (!isRising(now)) {
            int[] order = order(now, wanted, stored, rank, places);
            name = builder.node("Transpose", Attributes.none().with("perm", order), name);
            List<Integer> after = Arrays.stream(order).boxed().toList();
            now = Arrays.stream(now).map(after::indexOf).toArray();
        }
        int[] to = wanted.stream().mapToInt(i -> places[i]).toArray();
        return stored == rank && Arrays.equals(now, to) ? name : withOnes(name, stored, now, rank, to);
    }

    private static boolean isRising(int[] positions) {
        return IntStream.range(1, positions.length).allMatch(i -> positions[i - 1] < positions[i]);
    }

    /// The order of axes for a transposition: into their places if the rank is right, else the ones first.
    private static int[] order(int[] now, List<Integer> wanted, int stored, int rank, int[] places) {
        List<Integer> ones = IntStream.range(0, stored)
                .filter(p -> Arrays.stream(now).noneMatch(n -> n == p))
                .boxed()
                .toList();
        List<Integer> order = new ArrayList<>(Collections.nCopies(stored, -1));
        for (int k = 0; k < now.length; k++) {
            order.set(stored == rank ? places[wanted.get(k)] : ones.size() + k, now[k]);
        }
        int next = 0;
        for (int p = 0; p < stored; p++) {
            if (order.get(p) < 0) {
                order.set(p, ones.get(next++));
            }
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    private String withOnes(String name, int stored, int[] now, int rank, int[] to) {
        long[] gone = outside(now, stored);
        long[] added = outside(to, rank);
        String squeezed = gone.length == 0 ? name : builder.node("Squeeze", name, builder.longs(gone));
        return added.length == 0 ? squeezed : builder.node("Unsqueeze", squeezed, builder.longs(added));
    }

    private static long[] outside(int[] positions, int rank) {
        return IntStream.range(0, rank)
                .filter(p -> Arrays.stream(positions).noneMatch(n -> n == p))
                .asLongStream()
                .toArray();
    }

    /// Writes elements of the file in the wanted order.
    private String writtenFor(Value v, List<Integer> wanted, int rank, int[] places) {
        Source s = v.source();
        List<Integer> shown = wanted.stream().map(v.axes()::get).toList();
        List<Integer> order = new ArrayList<>(IntStream.range(0, s.rank())
                .filter(a -> !shown.contains(a))
                .boxed()
                .toList());
        order.addAll(shown);
        int[] shape = new int[rank];
        Arrays.fill(shape, 1);
        int[] positions = new int[s.rank()];
        Arrays.fill(positions, -1);
        for (int i : wanted) {
            shape[places[i]] = s.elements().dim(v.axes().get(i));
            positions[v.axes().get(i)] = places[i];
        }
        Tensor arranged = s.elements()
                .permute(order.stream().mapToInt(Integer::intValue).toArray())
                .reshape(shape);
        write(s, arranged, positions);
        return s.name();
    }
}
