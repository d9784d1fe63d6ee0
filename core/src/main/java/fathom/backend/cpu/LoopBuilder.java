package fathom.backend.cpu;

import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

/// Turns expressions of a graph into the instructions of one loop over an iteration space.
final class LoopBuilder {
    /// An array of the loop and how the points of the iteration space address it.
    record Operand(Storage storage, Affine at) {
        Operand(Storage storage, int offset, int[] strides) {
            this(storage, Affine.of(offset, strides));
        }
    }

    /// An affine integer function of the iteration coordinates.
    ///
    /// @param offset its value at the first point
    /// @param strides how far it moves along each iteration axis
    record Affine(int offset, List<Integer> strides) {
        static Affine of(int offset, int[] strides) {
            return new Affine(offset, Arrays.stream(strides).boxed().toList());
        }
    }

    /// A scalar: an argument of the program, or a constant if `argument` is negative.
    record ScalarSource(DType dtype, int argument, double constant) {
        long encoded(double[] arguments) {
            return LoopArguments.encode(dtype, argument < 0 ? constant : arguments[argument]);
        }
    }

    private record Key(int entry, Access access) {}

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

    LoopBuilder(Places places, Shape iteration) {
        this.places = places;
        this.iteration = iteration;
    }

    /// A copy, to try an addition on.
    LoopBuilder(LoopBuilder other) {
        this(other.places, other.iteration);
        instructions.addAll(other.instructions);
        types.addAll(other.types);
        known.putAll(other.known);
        values.putAll(other.values);
        inputs.addAll(other.inputs);
        coordinates.addAll(other.coordinates);
        scalars.addAll(other.scalars);
        hits = other.hits;
    }

    /// An empty loop over the same space.
    LoopBuilder empty() {
        return new LoopBuilder(places, iteration);
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

    /// The addresses of the inputs, of the given outputs and of the coordinates.
    List<Affine> addresses(List<Operand> outputs) {
        return Stream.of(inputs.stream().map(Operand::at), outputs.stream().map(Operand::at), coordinates.stream())
                .flatMap(Function.identity())
                .toList();
    }

    /// A constant.
    int constant(DType dtype, double value) {
        return scalar(new ScalarSource(dtype, -1, value));
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
        Entry e = places.entry(entry);
        return switch (e.op()) {
            case Op.Full f -> scalar(new ScalarSource(f.dtype(), e.argument(), e.argument() < 0 ? f.value() : 0));
            case Op.Iota i -> {
                int c = coordinate(new Access(List.of(access.axes().get(i.axis()))), Shape.of(1));
                yield i.dtype() == DType.I32 ? c : emit(new LoopKernel.Cast(i.dtype(), c));
            }
            case Op.RandomBits _ -> {
                int key = e.inputs().getFirst();
                Access first = new Access(List.of(Access.Axis.FIRST));
                Access second = new Access(List.of(new Access.Axis(-1, 0, 1)));
                int index = coordinate(access, e.shape());
                yield emit(new LoopKernel.RandomBits(load(key, first), load(key, second), index));
            }
            case Op.Unary _, Op.Binary _, Op.Select _, Op.Cast _, Op.BitCast _, Op.StopGradient _, Op.After _ ->
                elementwise(e.op(), k -> operand(e, k, access));
            case Op.MaxPool p -> pooled(e, access, p.window(), BinaryOp.MAXIMUM);
            case Op.SumPool p -> pooled(e, access, p.window(), BinaryOp.ADD);
            case Op.Permute p -> operand(e, 0, access.through(p));
            case Op.Slice s -> operand(e, 0, access.through(s));
            case Op.Broadcast _ ->
                operand(e, 0, access.throughBroadcast(operand(e).shape()));
            case Op.Reshape r -> {
                int in = e.inputs().getFirst();
                if (places.isStored(in)) {
                    // Row-major elements are the same under either shape.
                    yield load(in, e.shape(), access);
                }
                Access through = access.through(operand(e).shape(), r.to());
                if (through == null) {
                    throw new IllegalStateException("a reshape that no index map expresses: " + e);
                }
                yield value(in, through);
            }
            default -> throw new IllegalStateException("not part of a loop: " + e);
        };
    }

    /// The taps of each window, combined in order: each is one more access to the images.
    private int pooled(Entry e, Access access, Window window, BinaryOp how) {
        int all = operand(e, 0, access.through(window, 0));
        for (int tap = 1; tap < PoolLoops.taps(window); tap++) {
            all = emit(new LoopKernel.Binary(how, all, operand(e, 0, access.through(window, tap))));
        }
        return all;
    }

    private int elementwise(Op op, IntUnaryOperator operand) {
        int x = operand.applyAsInt(0);
        return switch (op) {
            case Op.Unary u -> emit(new LoopKernel.Unary(u.function(), x));
            case Op.Binary b -> emit(new LoopKernel.Binary(b.function(), x, operand.applyAsInt(1)));
            case Op.Select _ -> emit(new LoopKernel.Select(x, operand.applyAsInt(1), operand.applyAsInt(2)));
            case Op.Cast c -> cast(c.to(), x);
            case Op.BitCast b -> emit(new LoopKernel.BitCast(b.to(), x));
            case Op.StopGradient _, Op.After _ -> x;
            default -> throw new IllegalStateException("not elementwise: " + op);
        };
    }

    /// Halves are converted by way of F32, the only conversion there is for them.
    private int cast(DType to, int operand) {
        int x = operand;
        if (type(x).isHalf() && to != DType.F32) {
            x = emit(new LoopKernel.Cast(DType.F32, x));
        }
        if (to.isHalf() && type(x) != DType.F32) {
            x = emit(new LoopKernel.Cast(DType.F32, x));
        }
        return emit(new LoopKernel.Cast(to, x));
    }

    /// The instructions for the roots of a closed graph of elementwise operations.
    ///
    /// @param arguments gives the instruction for an argument; asked only for those that are used
    List<Integer> inline(Graph closed, IntUnaryOperator arguments) {
        List<Integer> made = new ArrayList<>();
        for (Entry e : closed.entries()) {
            made.add(
                    switch (e.op()) {
                        case Op.Data _ -> arguments.applyAsInt(e.argument());
                        case Op.Full f -> constant(f.dtype(), f.value());
                        default -> elementwise(e.op(), k -> made.get(e.inputs().get(k)));
                    });
        }
        return closed.roots().stream().map(made::get).toList();
    }

    private int operand(Entry e, int i, Access access) {
        return value(e.inputs().get(i), access);
    }

    private Entry operand(Entry e) {
        return places.entry(e.inputs().getFirst());
    }

    private int load(int entry, Access access) {
        return load(entry, places.entry(entry).shape(), access);
    }

    private int load(int entry, Shape shape, Access access) {
        Operand o = new Operand(places.storage(entry), access.addresses(shape, iteration.rank()));
        hits += inputs.contains(o) ? 1 : 0;
        return load(o);
    }

    /// Reads an array.
    int load(Operand o) {
        return emit(new LoopKernel.Load(index(inputs, o), o.storage().dtype));
    }

    /// Reads a scalar.
    int scalar(ScalarSource s) {
        return emit(new LoopKernel.Scalar(index(scalars, s), s.dtype()));
    }

    /// Where in a row-major array of the given shape the access looks.
    private int coordinate(Access access, Shape shape) {
        return emit(new LoopKernel.Coordinate(index(coordinates, access.addresses(shape, iteration.rank()))));
    }

    /// The instruction, which may be there already.
    int emit(Instruction i) {
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
}
