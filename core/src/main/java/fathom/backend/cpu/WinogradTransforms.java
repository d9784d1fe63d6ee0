package fathom.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The transformations of Winograd's minimal filtering for tiles of six points a side: F(4, 3) for
/// convolution and its input gradient, F(3, 4) for the weight gradient (Lavin and Gray, "Fast
/// Algorithms for Convolutional Neural Networks", 2016). The points are 0, 1, -1, 2, -2 and
/// infinity.
///
/// Interpreted vector code is far slower than scalar code, so a scalar kernel does the work until
/// [#warmUp] has had the vector kernel compiled; both give the same bits.
final class WinogradTransforms {
    /// Points along a side of a tile.
    static final int SIZE = 6;

    /// Products for each pair of channels.
    static final int POINTS = SIZE * SIZE;

    /// Outputs of a convolution along a side of a tile.
    static final int OUTPUTS = 4;

    /// Taps of the window along a side.
    static final int TAPS = 3;

    /// F32 elements in a cache line.
    private static final int LINE = 16;

    private static final double[] FINITE = {0, 1, -1, 2, -2};
    private static final double[] SCALES = {1 / 4.0, -1 / 6.0, -1 / 6.0, 1 / 24.0, 1 / 24.0};

    /// What is transformed.
    enum Kind {
        /// A tile of the image.
        INPUT(new double[][] {
            {4, 0, -5, 0, 1, 0},
            {0, -4, -4, 1, 1, 0},
            {0, 4, -4, -1, 1, 0},
            {0, -2, -1, 2, 1, 0},
            {0, 2, -1, -2, 1, 0},
            {0, 4, 0, -5, 0, 1}
        }),
        /// The weights.
        WEIGHTS(intoPoints(TAPS)),
        /// The products, back to a tile of the result.
        OUTPUT(outOfPoints(OUTPUTS)),
        /// A tile of the result's gradient, for the gradient of the input: the adjoint of [#OUTPUT].
        OUTPUT_ADJOINT(transposed(outOfPoints(OUTPUTS))),
        /// The products, back to the gradient of the input: the adjoint of [#INPUT].
        INPUT_ADJOINT(transposed(INPUT.matrix)),
        /// A tile of the result's gradient, for the gradient of the weights.
        GRADIENT(intoPoints(OUTPUTS)),
        /// The products, back to the gradient of the weights.
        WEIGHT_GRADIENT(outOfPoints(TAPS));

        private final double[][] matrix;

        Kind(double[][] matrix) {
            this.matrix = matrix;
        }
    }

    // While warming up: what a compiled call takes at most, and when to give up.
    private static final long COMPILED_NANOS = 5_000;
    private static final long MOST_NANOS = 5_000_000_000L;

    private static final Map<Lanes, WinogradTransforms> FAMILIES = new ConcurrentHashMap<>();

    private final Lanes lanes;
    private final TransformKernel[] vectors = new TransformKernel[Kind.values().length];
    private final TransformKernel[] scalars = new TransformKernel[Kind.values().length];
    private final AtomicReferenceArray<TransformKernel> used = new AtomicReferenceArray<>(vectors.length);

    private WinogradTransforms(Lanes lanes) {
        this.lanes = lanes;
        for (Kind kind : Kind.values()) {
            int i = kind.ordinal();
            vectors[i] = TransformEmitter.emit(lanes, kind.name(), kind.matrix);
            scalars[i] = TransformEmitter.emit(lanes.scalar(), kind.name(), kind.matrix);
            used.set(i, scalars[i]);
        }
    }

    /// Vectors of channels, and those that are left one at a time.
    private record Parts(TransformKernel vectors, int lanes, TransformKernel scalars) implements TransformKernel {
        @Override
        public void run(
                Object from,
                int at,
                int tileStep,
                int lineStep,
                int step,
                Object to,
                int toAt,
                int toTileStep,
                int toLineStep,
                int toStep,
                int tiles,
                int lines,
                int channels) {
            int left = channels % lanes;
            int done = channels - left;
            vectors.run(
                    from, at, tileStep, lineStep, step, to, toAt, toTileStep, toLineStep, toStep, tiles, lines, done);
            if (left > 0) {
                int source = at + done;
                int target = toAt + done;
                scalars.run(
                        from,
                        source,
                        tileStep,
                        lineStep,
                        step,
                        to,
                        target,
                        toTileStep,
                        toLineStep,
                        toStep,
                        tiles,
                        lines,
                        left);
            }
        }
    }

    /// The transformations at a vector width. They are emitted once for the whole JVM.
    static WinogradTransforms of(Lanes lanes) {
        return FAMILIES.computeIfAbsent(lanes, WinogradTransforms::new);
    }

    /// The kernel to use now.
    TransformKernel kernel(Kind kind) {
        return used.get(kind.ordinal());
    }

    /// Elements from one point's array to the next, where each has so many: an odd number of cache
    /// lines, because the same place in 36 arrays an even number of lines apart would fall into few
    /// sets of the cache.
    static int step(int elements) {
        return (Math.ceilDiv(elements, LINE) | 1) * LINE;
    }

    /// Has the vector kernels used from now on, compiled or not.
    void useVectors() {
        for (int i = 0; i < vectors.length; i++) {
            useVectors(i);
        }
    }

    private void useVectors(int kind) {
        used.set(kind, new Parts(vectors[kind], lanes.count(), scalars[kind]));
    }

    /// Values of a polynomial with `count` coefficients at the points, scaled.
    private static double[][] intoPoints(int count) {
        double[][] matrix = new double[SIZE][count];
        for (int i = 0; i < FINITE.length; i++) {
            for (int j = 0; j < count; j++) {
                matrix[i][j] = SCALES[i] * Math.pow(FINITE[i], j);
            }
        }
        matrix[SIZE - 1][count - 1] = 1;
        return matrix;
    }

    private static double[][] outOfPoints(int count) {
        double[][] matrix = new double[count][SIZE];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < FINITE.length; j++) {
                matrix[i][j] = Math.pow(FINITE[j], i);
            }
        }
        matrix[count - 1][SIZE - 1] = 1;
        return matrix;
    }

    private static double[][] transposed(double[][] matrix) {
        double[][] result = new double[matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix[0].length; j++) {
                result[j][i] = matrix[i][j];
            }
        }
        return result;
    }

    /// Has the JVM compile the vector kernels and has them used from then on, or when the time for it
    /// is up. For a thread of its own.
    void warmUp() {
        Scratch scratch = new Scratch();
        int channels = 2 * lanes.count();
        Object from = scratch.array(lanes.dtype(), Scratch.Use.TRANSFORMED, POINTS * channels);
        Object to = scratch.array(lanes.dtype(), Scratch.Use.PRODUCTS, POINTS * channels);
        if (!lanes.isScalar()) {
            List<WarmUp.Kernel> calls = new ArrayList<>();
            for (int i = 0; i < vectors.length; i++) {
                int kind = i;
                TransformKernel kernel = vectors[i];
                calls.add(new WarmUp.Kernel(
                        _ -> kernel.run(
                                from,
                                0,
                                channels,
                                SIZE * channels,
                                channels,
                                to,
                                0,
                                channels,
                                SIZE * channels,
                                channels,
                                1,
                                SIZE,
                                channels),
                        COMPILED_NANOS,
                        () -> useVectors(kind)));
            }
            WarmUp.run(calls, MOST_NANOS);
        }
        useVectors();
    }
}
