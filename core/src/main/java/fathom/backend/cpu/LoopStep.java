package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.ScalarSource;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// A fused loop with its arrays and sizes bound.
///
/// The two innermost axes are the kernel's rows and columns; the outer axes and pieces of rows and
/// columns are units of work, whose bounds depend on the sizes alone, so that the result does not
/// depend on the number of threads.
final class LoopStep implements Step {
    /// Points of the iteration space that are worth handing to another thread.
    private static final int GRAIN = 16 * 1024;

    private final LoopKernel kernel;
    private final LoopBody body;
    private final LoopGeometry geometry;
    private final List<Storage> places;
    private final int inputs;
    private final List<ScalarSource> scalars;
    private final String name;

    /// @param places the inputs' places, then the outputs'
    /// @param inputs how many of them are inputs
    LoopStep(
            LoopKernel kernel,
            LoopBody body,
            LoopGeometry geometry,
            List<Storage> places,
            int inputs,
            List<ScalarSource> scalars,
            String name) {
        this.kernel = kernel;
        this.body = body;
        this.geometry = geometry;
        this.places = places;
        this.inputs = inputs;
        this.scalars = scalars;
        this.name = name;
    }

    @Override
    public void run(Frame frame) {
        Object[] arrays = arrays(frame);
        long[] values = scalars(frame);
        int units = geometry.units();
        int each = Math.max(1, GRAIN / Math.max(1, geometry.unitSize()));
        int tasks = Math.ceilDiv(units, each);
        frame.pool().parallel(tasks, (task, worker) -> {
            int end = Math.min(units, (task + 1) * each);
            for (int u = task * each; u < end; u++) {
                unit(u, arrays, values);
            }
        });
    }

    private void unit(int unit, Object[] arrays, long[] values) {
        int[] offsets = geometry.offsets(unit);
        body.run(
                new LoopArguments(arrays, offsets, geometry.rowStrides(), geometry.columnStrides(), values),
                geometry.rows(unit),
                geometry.columns(unit));
    }

    /// The loop over a block of its matrix, as the epilogue of a contraction.
    Epilogue epilogue(Frame frame) {
        Object[] arrays = arrays(frame);
        long[] values = scalars(frame);
        return (worker, rowFrom, rowTo, columnFrom, columnTo) -> body.run(
                new LoopArguments(
                        arrays,
                        geometry.blockOffsets(rowFrom, columnFrom),
                        geometry.rowStrides(),
                        geometry.columnStrides(),
                        values),
                rowTo - rowFrom,
                columnTo - columnFrom);
    }

    private Object[] arrays(Frame frame) {
        Object[] arrays = new Object[places.size()];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = frame.array(places.get(i));
        }
        return arrays;
    }

    private long[] scalars(Frame frame) {
        long[] values = new long[scalars.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = scalars.get(i).encoded(frame.scalars());
        }
        return values;
    }

    @Override
    public List<Storage> reads() {
        return places.subList(0, inputs);
    }

    @Override
    public List<Storage> writes() {
        return places.subList(inputs, places.size());
    }

    @Override
    public boolean canOverwrite(Storage read, Storage written) {
        if (read.dtype != written.dtype
                || read.size != written.size
                || !(kernel.outputs().get(writes().indexOf(written)) instanceof LoopKernel.Store)) {
            return false;
        }
        int out = inputs + writes().indexOf(written);
        for (int k = 0; k < inputs; k++) {
            if (places.get(k) == read && !geometry.sameAddresses(k, out)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String describe() {
        long vector = kernel.inputStrides().stream()
                .filter(s -> s == ColumnStride.STRIDED)
                .count();
        return name
                + " "
                + geometry
                + (vector > 0 ? " strided" : "")
                + " ["
                + kernel.instructions().stream()
                        .filter(i -> !(i instanceof LoopKernel.Load) && !(i instanceof LoopKernel.Scalar))
                        .map(LoopStep::title)
                        .collect(Collectors.joining(" "))
                + "] "
                + names(0, inputs)
                + " -> "
                + names(inputs, places.size());
    }

    private static String title(LoopKernel.Instruction i) {
        return switch (i) {
            case LoopKernel.Unary u -> u.op().name().toLowerCase(java.util.Locale.ROOT);
            case LoopKernel.Binary b -> b.op().name().toLowerCase(java.util.Locale.ROOT);
            case LoopKernel.Cast c -> "cast" + c.type();
            default -> i.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        };
    }

    private String names(int from, int to) {
        List<String> names = new ArrayList<>();
        for (Storage s : places.subList(from, to)) {
            names.add(s.toString());
        }
        return Arrays.toString(names.toArray());
    }
}
