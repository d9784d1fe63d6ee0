package fathom.backend.cpu;

import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns expressions of a graph into the instructions of one loop over an iteration space.
final class LoopBuilder {
    /// An array of the loop, addressed by the iteration coordinates.
    ///
    /// @param storage where it is
    /// @param dtype its elements
    /// @param offset index at the first point
    /// @param strides elements along each iteration axis
    record Operand(Storage storage, DType dtype, int offset, List<Integer> strides) {}

    /// An affine integer function of the iteration coordinates.
    record Affine(int offset, List<Integer> strides) {}

    /// A scalar: an argument of the program, or a constant if `argument` is negative.
    record ScalarSource(DType dtype, int argument, double constant) {
        long encoded(double[] arguments) {
            return LoopArguments.encode(dtype, argument < 0 ? constant : arguments[argument]);
        }
    }

    private record Key(int entry, Access access) {}

    private final Graph graph;
    private final Places places;
    private final Shape iteration;
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<DType> types = new ArrayList<>();
    private final Map<Instruction, Integer> known = new HashMap<>();
    private final Map<Key, Integer> values = new HashMap<>();
    private final List<Operand> inputs = new ArrayList<>();
    private final List<Affine> coordinates = new ArrayList<>();
    private final List<ScalarSource> scalars = new ArrayList<>();

    private int hits;

    LoopBuilder(Graph graph, Places places, Shape iteration) {
        this.graph = graph;
        this.places = places;
        this.iteration = iteration;
    }

    /// A copy, to try an addition on.
    LoopBuilder(LoopBuilder other) {
        this(other.graph, other.places, other.iteration);
        instructions.addAll(other.instructions);
        types.addAll(other.types);
        known.putAll(other.known);
        values.putAll(other.values);
        inputs.addAll(other.inputs);
        coordinates.addAll(other.coordinates);
        scalars.addAll(other.scalars);
        hits = other.hits;
    }

    /// How often something that was there already could be used again.
    int hits() {
        return hits;
    }

    /// About how large the loop is; see [LoopKernel#MAXIMUM_COST].
    int cost() {
        int cost = 0;
        for (int i = 0; i < instructions.size(); i++) {
            int[] operands = LoopKernel.operands(instructions.get(i));
            cost += LoopKernel.costOf(instructions.get(i), type(operands.length == 0 ? i : operands[0]));
        }
        return cost;
    }

    /// The type of an instruction's value.
    DType type(int instruction) {
        return types.get(instruction);
    }

    /// The places of the inputs, in order.
    List<Storage> inputPlaces() {
        return inputs.stream().map(Operand::storage).toList();
    }

    /// The inputs and one output.
    List<Operand> with(Operand output) {
        List<Operand> all = new ArrayList<>(inputs);
        all.add(output);
        return all;
    }

    /// A constant.
    int constant(DType dtype, double value) {
        int index = index(scalars, new ScalarSource(dtype, -1, value));
        return emit(new LoopKernel.Scalar(index, dtype));
    }

    Shape iteration() {
        return iteration;
    }

    List<Instruction> instructions() {
        return instructions;
    }

    List<Operand> inputs() {
        return inputs;
    }

    List<Affine> coordinates() {
        return coordinates;
    }

    List<ScalarSource> scalars() {
        return scalars;
    }

    /// Computes an entry in this loop even if it has a place in memory, so that others in the loop
    /// can use it from its register.
    int compute(int entry) {
        Key key = new Key(entry, Access.identity(iteration.rank()));
        Integer there = values.get(key);
        if (there != null) {
            return there;
        }
        int made = expression(entry, key.access());
        values.put(key, made);
        return made;
    }

    /// The instruction for an entry under an access.
    int value(int entry, Access access) {
        Key key = new Key(entry, access);
        Integer there = values.get(key);
        if (there != null) {
            hits++;
            return there;
        }
        int made = places.isStored(entry) ? load(entry, access) : expression(entry, access);
        values.put(key, made);
        return made;
    }

    private int expression(int entry, Access access) {
        Entry e = graph.entries().get(entry);
        return switch (e.op()) {
            case Op.Full f -> emit(scalar(e, f));
            case Op.Iota i -> {
                int c = emit(coordinate(access, i.axis()));
                yield i.dtype() == DType.I32 ? c : emit(new LoopKernel.Cast(i.dtype(), c));
            }
            case Op.RandomBits r -> {
                int key = e.inputs().getFirst();
                Access nowhere = new Access(List.of(-1), List.of(0), List.of(0));
                Access second = new Access(List.of(-1), List.of(0), List.of(1));
                int index = emit(linear(access, e.shape()));
                yield emit(new LoopKernel.RandomBits(load(key, nowhere), load(key, second), index));
            }
            case Op.Unary u -> emit(new LoopKernel.Unary(u.function(), operand(e, 0, access)));
            case Op.Binary b -> emit(new LoopKernel.Binary(b.function(), operand(e, 0, access), operand(e, 1, access)));
            case Op.Select s ->
                emit(new LoopKernel.Select(operand(e, 0, access), operand(e, 1, access), operand(e, 2, access)));
            case Op.Cast c -> cast(c.to(), e, access);
            case Op.StopGradient s -> operand(e, 0, access);
            case Op.Permute p -> operand(e, 0, access.through(p));
            case Op.Slice s -> operand(e, 0, access.through(s));
            case Op.Broadcast b ->
                operand(e, 0, access.through(b, shape(e.inputs().getFirst())));
            case Op.Reshape r -> {
                int in = e.inputs().getFirst();
                if (places.isStored(in)) {
                    // Row-major elements are the same under either shape.
                    yield load(places.storage(in), e.shape(), e.dtype(), access);
                }
                Access through = access.through(shape(in), r.to());
                if (through == null) {
                    throw new IllegalStateException("a reshape that no index map expresses: " + e);
                }
                yield value(in, through);
            }
            default -> throw new IllegalStateException("not part of a loop: " + e);
        };
    }

    /// Halves are converted by way of F32, the only conversion there is for them.
    private int cast(DType to, Entry e, Access access) {
        DType from = graph.entries().get(e.inputs().getFirst()).dtype();
        int x = operand(e, 0, access);
        if (from.isHalf() && to != DType.F32) {
            x = emit(new LoopKernel.Cast(DType.F32, x));
            from = DType.F32;
        }
        if (to.isHalf() && from != DType.F32) {
            x = emit(new LoopKernel.Cast(DType.F32, x));
        }
        return emit(new LoopKernel.Cast(to, x));
    }

    private int operand(Entry e, int i, Access access) {
        return value(e.inputs().get(i), access);
    }

    private Shape shape(int entry) {
        return graph.entries().get(entry).shape();
    }

    private int load(int entry, Access access) {
        Entry e = graph.entries().get(entry);
        return load(places.storage(entry), e.shape(), e.dtype(), access);
    }

    private int load(Storage storage, Shape shape, DType dtype, Access access) {
        Operand o = new Operand(storage, dtype, access.offset(shape), boxed(access.strides(shape, iteration.rank())));
        hits += inputs.contains(o) ? 1 : 0;
        return emit(new LoopKernel.Load(index(inputs, o), dtype));
    }

    private Instruction scalar(Entry e, Op.Full f) {
        ScalarSource s = e.isScalarArgument()
                ? new ScalarSource(f.dtype(), e.argument(), 0)
                : new ScalarSource(f.dtype(), -1, f.value());
        return new LoopKernel.Scalar(index(scalars, s), f.dtype());
    }

    private Instruction coordinate(Access access, int axis) {
        int[] strides = new int[iteration.rank()];
        if (access.from().get(axis) >= 0) {
            strides[access.from().get(axis)] = access.steps().get(axis);
        }
        return affine(access.starts().get(axis), strides);
    }

    private Instruction linear(Access access, Shape shape) {
        return affine(access.offset(shape), access.strides(shape, iteration.rank()));
    }

    private Instruction affine(int offset, int[] strides) {
        return new LoopKernel.Coordinate(index(coordinates, new Affine(offset, boxed(strides))));
    }

    private int emit(Instruction i) {
        Integer same = known.putIfAbsent(i, instructions.size());
        if (same != null) {
            return same;
        }
        instructions.add(i);
        types.add(LoopKernel.typeOf(i, types));
        return instructions.size() - 1;
    }

    private static <T> int index(List<T> list, T item) {
        int i = list.indexOf(item);
        if (i < 0) {
            list.add(item);
            i = list.size() - 1;
        }
        return i;
    }

    private static List<Integer> boxed(int[] values) {
        return java.util.Arrays.stream(values).boxed().toList();
    }
}
