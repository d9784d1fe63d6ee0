package fathom.io.onnx.export;

import fathom.ir.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Operations that rearrange elements. Most of them are views.
final class MovementNodes {
    private final Emitter e;

    MovementNodes(Emitter emitter) {
        this.e = emitter;
    }

    Value reshape(Term t) {
        Value x = e.value(t.in(0));
        if (x.differsByOnes(t.sizes())) {
            return x.reshaped(t.sizes());
        }
        return e.made(t, reshaped(e.arranger().natural(x), x.sizes(), t.sizes()));
    }

    /// The same elements under other sizes.
    String reshaped(String x, List<Size> from, List<Size> to) {
        if (from.equals(to)) {
            return x;
        }
        boolean empty = to.stream().anyMatch(s -> s.at(0) == 0);
        long[] target = new long[to.size()];
        int open = 0;
        for (int i = 0; i < target.length; i++) {
            Size size = to.get(i);
            // A 0 stands for the size that the operand has there.
            boolean kept = i < from.size() && from.get(i).equals(size);
            target[i] = size.isFixed() ? size.at(0) : kept ? 0 : -1;
            open += target[i] == -1 ? 1 : 0;
        }
        if (open <= 1 && !empty) {
            return e.node("Reshape", x, e.builder().longs(target));
        }
        Attributes exact = Attributes.none();
        if (empty) {
            exact.with("allowzero", 1);
        }
        return e.node("Reshape", exact, x, e.sizes().vector(to));
    }

    Value slice(Term t) {
        List<Size> starts = t.numbers(Op.Slice.class, Op.Slice::starts);
        List<Size> steps = t.numbers(Op.Slice.class, Op.Slice::steps);
        Value given = e.value(t.in(0));
        int[] cut = IntStream.range(0, t.rank())
                .filter(i ->
                        !t.size(i).equals(given.sizes().get(i)) || !steps.get(i).isOne())
                .toArray();
        boolean empty = Arrays.stream(cut).anyMatch(i -> t.size(i).is(0));
        Value x = empty ? e.showing(given, cut) : given;
        List<Size> from = new ArrayList<>();
        List<Size> to = new ArrayList<>();
        List<Long> axes = new ArrayList<>();
        List<Long> by = new ArrayList<>();
        String name = e.stored(x);
        for (int axis : cut) {
            if (!x.varies(axis)) {
                continue;
            }
            if (!steps.get(axis).isFixed()) {
                throw new Refusal("a slice whose step depends on the inputs' sizes");
            }
            long step = steps.get(axis).at(0);
            Size size = x.sizes().get(axis);
            Size start = starts.get(axis);
            axes.add((long) x.position(axis));
            by.add(step);
            from.add(fromEnd(start, size));
            to.add(end(start, t.size(axis), step, size));
        }
        if (axes.isEmpty()) {
            return x.broadcast(t.sizes());
        }
        String sliced = e.node("Slice", name, e.sizes().vector(from), e.sizes().vector(to), longs(axes), longs(by));
        int[] places = IntStream.range(0, t.rank()).map(x::position).toArray();
        return e.made(t.sizes(), t.dtype(), sliced, x.source().rank(), places);
    }

    private String longs(List<Long> values) {
        return e.builder().longs(values.stream().mapToLong(Long::longValue).toArray());
    }

    /// A place that is counted from the end if it moves with that.
    private static Size fromEnd(Size place, Size size) {
        Size behind = place.minus(size);
        return !place.isFixed() && behind.isFixed() && behind.at(0) < 0 ? behind : place;
    }

    private static Size end(Size start, Size count, long step, Size size) {
        int probes = size.count();
        boolean toTheEnd = IntStream.range(0, probes).allMatch(p -> {
            long left = step > 0 ? size.at(p) - start.at(p) : start.at(p) + 1;
            return count.at(p) == Math.ceilDiv(left, Math.abs(step));
        });
        if (toTheEnd) {
            return Size.fixed(step > 0 ? Long.MAX_VALUE : Long.MIN_VALUE, probes);
        }
        Size last = start.with(count, (s, c) -> s + (c - 1) * step);
        for (long more = 1; more <= Math.abs(step); more++) {
            Size end = last.plus(step > 0 ? more : -more);
            if (end.isFixed() || fromEnd(end, size).isFixed()) {
                return fromEnd(end, size);
            }
        }
        return last.plus(step > 0 ? 1 : -1);
    }

    Value pad(Term t) {
        List<Size> interior = t.numbers(Op.Pad.class, Op.Pad::interior);
        List<Size> before = t.numbers(Op.Pad.class, Op.Pad::before);
        List<Size> after = t.numbers(Op.Pad.class, Op.Pad::after);
        double value = ((Op.Pad) t.op()).value();
        int[] padded = IntStream.range(0, t.rank())
                .filter(i ->
                        !t.size(i).equals(t.in(0).size(i)) || !before.get(i).is(0))
                .toArray();
        Value x = e.showing(e.value(t.in(0)), padded);
        String fill = e.builder().scalar(t.dtype(), value);
        List<Size> now = new ArrayList<>(x.sizes());
        boolean spread = interior.stream().anyMatch(s -> !s.is(0));
        if (spread || Arrays.stream(padded).anyMatch(i -> !x.varies(i))) {
            String name = e.arranger().natural(x);
            for (int axis = 0; axis < t.rank(); axis++) {
                Size between = interior.get(axis);
                if (!between.is(0) && !now.get(axis).isOne()) {
                    name = spread(name, now, axis, between, fill);
                    now.set(axis, now.get(axis).with(between, (n, d) -> n + (n - 1) * d));
                }
            }
            int[] places = IntStream.range(0, t.rank()).toArray();
            return e.made(t, bordered(name, t.rank(), places, padded, before, after, fill));
        }
        int[] places = IntStream.range(0, t.rank()).map(x::position).toArray();
        String name = bordered(e.stored(x), x.source().rank(), places, padded, before, after, fill);
        return e.made(t.sizes(), t.dtype(), name, x.source().rank(), places);
    }

    /// Elements between those along an axis.
    private String spread(String x, List<Size> sizes, int axis, Size between, String fill) {
        int rank = sizes.size();
        int probes = between.count();
        List<Size> pads = new ArrayList<>(java.util.Collections.nCopies(2 * (rank + 1), Size.fixed(0, probes)));
        pads.set(rank + 1 + axis + 1, between);
        String apart = e.node("Unsqueeze", x, e.builder().longs(axis + 1));
        String wide = e.node("Pad", apart, e.sizes().vector(pads), fill);
        List<Size> to = new ArrayList<>(sizes);
        to.set(axis, sizes.get(axis).with(between, (n, d) -> n * (d + 1)));
        List<Size> from = new ArrayList<>(sizes);
        from.add(axis + 1, between.plus(1));
        String flat = reshaped(wide, from, to);
        Size end = between.with(between, (d, _) -> -d);
        return e.node(
                "Slice",
                flat,
                e.builder().longs(0),
                e.sizes().vector(List.of(end)),
                e.builder().longs(axis));
    }

    private String bordered(
            String x, int rank, int[] places, int[] padded, List<Size> before, List<Size> after, String fill) {
        if (Arrays.stream(padded)
                .allMatch(i -> before.get(i).is(0) && after.get(i).is(0))) {
            return x;
        }
        List<Size> pads = new ArrayList<>(java.util.Collections.nCopies(
                2 * rank, Size.fixed(0, before.getFirst().count())));
        for (int axis : padded) {
            pads.set(places[axis], before.get(axis));
            pads.set(rank + places[axis], after.get(axis));
        }
        return e.node("Pad", x, e.sizes().vector(pads), fill);
    }

    Value concat(Term t) {
        int axis = ((Op.Concat) t.op()).axis();
        int[] all = IntStream.range(0, t.rank()).toArray();
        int rank = t.rank();
        // In the order in which the first operand is, if that shows all axes.
        int[] places = t.inputs().stream()
                .map(e::value)
                .filter(v -> v.source().rank() == rank && !v.source().isFree())
                .map(v -> full(v, all))
                .filter(p -> p.length == rank)
                .findFirst()
                .orElse(all);
        String[] parts = t.inputs().stream()
                .map(i -> e.arranger().ordered(e.value(i), places, all))
                .toArray(String[]::new);
        String name = e.node("Concat", Attributes.none().with("axis", places[axis]), parts);
        return e.made(t, name, places);
    }

    /// Where each axis is, ones in what is left; nothing if elements are repeated along an axis.
    private static int[] full(Value v, int[] all) {
        boolean shown =
                Arrays.stream(all).allMatch(i -> v.varies(i) || v.sizes().get(i).isOne());
        if (!shown) {
            return new int[0];
        }
        List<Integer> left = new ArrayList<>(Arrays.stream(all).boxed().toList());
        v.varying().forEach(i -> left.remove((Integer) v.position(i)));
        int[] places = new int[all.length];
        int next = 0;
        for (int i : all) {
            places[i] = v.varies(i) ? v.position(i) : left.get(next++);
        }
        return places;
    }
}
