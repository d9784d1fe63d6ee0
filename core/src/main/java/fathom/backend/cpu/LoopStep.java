package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.backend.cpu.LoopBuilder.ScalarSource;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.ir.ReduceOp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A fused loop with its places and sizes settled.
///
/// The two innermost axes are the kernel's rows and columns; the outer axes and pieces of rows and
/// columns are units of work, whose bounds depend on the sizes alone, so that the result does not
/// depend on the number of threads.
///
/// @param places the inputs' places, then the outputs'
/// @param inputs how many of them are inputs
record LoopStep(
        LoopCompiler compiler,
        String name,
        LoopKernel kernel,
        LoopBody body,
        LoopGeometry geometry,
        List<Storage> places,
        int inputs,
        List<ScalarSource> scalars)
        implements Step {
    /// A loop that stores some values at every point.
    static LoopStep map(
            LoopCompiler compiler, String name, LoopBuilder loop, List<Integer> values, List<Operand> outputs) {
        var axes = LoopGeometry.Axes.of(loop.iteration(), List.of(), loop.addresses(outputs));
        List<Storage> places = outputs.stream().map(Operand::storage).toList();
        return of(compiler, name, loop, stores(values), places, LoopGeometry.map(axes));
    }

    /// Outputs that store some values.
    static List<LoopKernel.Output> stores(List<Integer> values) {
        List<LoopKernel.Output> stores = new ArrayList<>();
        values.forEach(v -> stores.add(new LoopKernel.Store(v, ColumnStride.CONTIGUOUS)));
        return stores;
    }

    /// A loop with its arrays bound.
    ///
    /// @param outputs what is kept; how a store moves along the columns is settled here
    /// @param results where that goes
    /// @param geometry the space and the addresses of the inputs, the outputs and the coordinates
    static LoopStep of(
            LoopCompiler compiler,
            String name,
            LoopBuilder loop,
            List<LoopKernel.Output> outputs,
            List<Storage> results,
            LoopGeometry geometry) {
        return of(compiler, name, loop.instructions(), outputs, places(loop, results), loop.scalars(), geometry, false);
    }

    /// The same for a loop over what has just been computed.
    static LoopStep epilogue(
            LoopCompiler compiler,
            LoopBuilder loop,
            List<LoopKernel.Output> outputs,
            List<Storage> results,
            LoopGeometry geometry) {
        List<Storage> places = places(loop, results);
        long read = IntStream.range(0, places.size() - results.size())
                .filter(k -> geometry.columnStrides()[k] != 0 && !geometry.repeats(k))
                .mapToObj(places::get)
                .distinct()
                .count();
        // Large arrays besides the one that is in the cache are read faster along the rows.
        boolean goesDown = read <= 1;
        return of(compiler, "loop", loop.instructions(), outputs, places, loop.scalars(), geometry, goesDown);
    }

    private static List<Storage> places(LoopBuilder loop, List<Storage> results) {
        List<Storage> places = new ArrayList<>(loop.inputPlaces());
        places.addAll(results);
        return places;
    }

    private static LoopStep of(
            LoopCompiler compiler,
            String name,
            List<LoopKernel.Instruction> instructions,
            List<LoopKernel.Output> outputs,
            List<Storage> places,
            List<ScalarSource> scalars,
            LoopGeometry geometry,
            boolean goesDown) {
        int inputs = places.size() - outputs.size();
        int[] columns = geometry.columnStrides();
        List<ColumnStride> strides = new ArrayList<>();
        for (int k = 0; k < inputs; k++) {
            boolean isRepeated = goesDown && geometry.repeats(k);
            strides.add(
                    switch (columns[k]) {
                        case 0 -> ColumnStride.BROADCAST;
                        case 1 -> isRepeated ? ColumnStride.REPEATED : ColumnStride.CONTIGUOUS;
                        default -> ColumnStride.STRIDED;
                    });
        }
        List<LoopKernel.Output> settled = new ArrayList<>(outputs);
        for (int k = 0; k < outputs.size(); k++) {
            boolean strided = columns[inputs + k] != 1 && geometry.columnCount() != 1;
            if (strided && outputs.get(k) instanceof LoopKernel.Store(int value, ColumnStride _)) {
                settled.set(k, new LoopKernel.Store(value, ColumnStride.STRIDED));
            }
        }
        LoopKernel kernel = new LoopKernel(instructions, strides, settled);
        return new LoopStep(compiler, name, kernel, compiler.compile(kernel), geometry, places, inputs, scalars);
    }

    @Override
    public BoundLoop bind(Frame frame) {
        return new BoundLoop(this, frame);
    }

    /// The same loop with other places for some.
    LoopStep moved(Map<Storage, Storage> to) {
        List<Storage> other = places.stream().map(s -> to.getOrDefault(s, s)).toList();
        return new LoopStep(compiler, name, kernel, body, geometry, other, inputs, scalars);
    }

    /// The same loop, which only stores, coming by its points in the order of one of its places.
    LoopStep inOrderOf(int place) {
        LoopGeometry other = geometry.inOrderOf(place);
        return of(compiler, name, kernel.instructions(), kernel.outputs(), places, scalars, other, false);
    }

    /// Whether it stores the value of every point and reduces nothing.
    boolean onlyStores() {
        return kernel.outputs().stream().allMatch(o -> o instanceof LoopKernel.Store);
    }

    /// Whether the loop can be cut into so many rows: those of its matrix, or equal parts of its
    /// only row.
    boolean goesByRows(int rows) {
        boolean reducesRows = kernel.outputs().stream().anyMatch(o -> o instanceof LoopKernel.ReduceRows);
        return !reducesRows && geometry.goesByRows(rows);
    }

    /// What an array of a loop has to do with a row: `start + row * step` is its first element, and
    /// `length` elements from there on belong to it.
    record Row(int start, int step, int length) {
        /// Whether the other rows are the same elements, none of which belongs to two rows.
        boolean isAlso(Row other) {
            return equals(other) && step >= length && length > 0;
        }
    }

    /// The rows of one of the places if the loop is cut into so many.
    Row row(int place, int rows) {
        return geometry.row(place, rows);
    }

    /// All elements of one of the places that the loop can come by, as a row.
    Row extent(int place) {
        return geometry.extent(place);
    }

    @Override
    public List<Storage> reads() {
        return places.subList(0, inputs);
    }

    @Override
    public List<Storage> writes() {
        return places.subList(inputs, places.size());
    }

    /// Elements that one turn of the loop reads may be written by the same turn, at any of the addresses it has for
    /// them: no two turns write the same element.
    @Override
    public boolean canOverwrite(Storage read, Storage written) {
        if (read.dtype != written.dtype || read.size != written.size) {
            return false;
        }
        List<Integer> outputs = IntStream.range(inputs, places.size())
                .filter(k -> places.get(k) == written)
                .boxed()
                .toList();
        boolean stored = outputs.stream().allMatch(k -> kernel.outputs().get(k - inputs) instanceof LoopKernel.Store);
        return stored
                && IntStream.range(0, inputs)
                        .filter(k -> places.get(k) == read)
                        .allMatch(k -> outputs.stream().anyMatch(o -> geometry.sameAddresses(k, o)));
    }

    /// The operations in the order in which each first occurs, with how often it does.
    @Override
    public String title() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        kernel.instructions().stream()
                .filter(LoopStep::isOperation)
                .forEach(i -> counts.merge(title(i), 1, Integer::sum));
        kernel.outputs().stream()
                .flatMap(o -> reduction(o).stream())
                .forEach(op -> counts.merge(op.name().toLowerCase(Locale.ROOT), 1, Integer::sum));
        String operations = counts.entrySet().stream()
                .map(e -> e.getValue() == 1 ? e.getKey() : e.getValue() + " " + e.getKey())
                .collect(Collectors.joining(", "));
        return operations.isEmpty() ? (name.equals("loop") ? "copy" : name) : name + ": " + operations;
    }

    @Override
    public String shapes() {
        boolean strided = kernel.inputStrides().contains(ColumnStride.STRIDED);
        return geometry + (strided ? " strided" : "");
    }

    @Override
    public long flops() {
        long each = kernel.instructions().stream().filter(LoopStep::isOperation).count()
                + kernel.outputs().stream()
                        .filter(o -> reduction(o).isPresent())
                        .count();
        return each * geometry.points();
    }

    /// What the loop's addresses go over, however often it comes by.
    @Override
    public long touched(Storage place) {
        long elements = 0;
        for (int k = 0; k < places.size(); k++) {
            elements += places.get(k) == place ? geometry.elements(k) : 0;
        }
        return Math.min(elements, place.size);
    }

    private static boolean isOperation(LoopKernel.Instruction i) {
        return switch (i) {
            case LoopKernel.Load _, LoopKernel.Scalar _, LoopKernel.Coordinate _, LoopKernel.BitCast _ -> false;
            case LoopKernel.Unary _, LoopKernel.Binary _, LoopKernel.Select _ -> true;
            case LoopKernel.Cast _, LoopKernel.RandomBits _ -> true;
        };
    }

    private static Optional<ReduceOp> reduction(LoopKernel.Output o) {
        return switch (o) {
            case LoopKernel.Store _ -> Optional.empty();
            case LoopKernel.ReduceColumns r -> Optional.of(r.op());
            case LoopKernel.ReduceRows r -> Optional.of(r.op());
        };
    }

    private static String title(LoopKernel.Instruction i) {
        return switch (i) {
            case LoopKernel.Unary u -> u.op().name().toLowerCase(Locale.ROOT);
            case LoopKernel.Binary b -> b.op().name().toLowerCase(Locale.ROOT);
            case LoopKernel.Cast c -> "cast " + c.type();
            case LoopKernel.RandomBits _ -> "random bits";
            default -> i.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }
}
