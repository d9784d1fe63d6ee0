package fathom.backend.cpu;

import fathom.tensor.Shape;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Products of stacks of small matrices, and the loops before, between and after them, run by a worker for a few
/// layers of the stacks at a time: the scores of a head of attention are still in the cache when their softmax
/// is taken, and so are the shares when they are multiplied by the values. A convolution with few weights begins a
/// stack if what comes after it goes by rows of windows, as pooling does.
///
/// That is possible where each member reads, of what the others compute, no more than what belongs to the layer
/// that it works on.
///
/// What only the members read has a place for as many layers as are worked on at a time, one for each worker.
///
/// @param members products, or a convolution, and loops, in order
/// @param layers how many matrices each product has, or equal numbers of windows the convolution
/// @param each layers that are worked on at a time
/// @param own places of those values that only members read
record Stack(List<Member> members, int layers, int each, Set<Storage> own) implements Step {
    /// About how many elements the largest value has in the layers that are worked on at a time.
    private static final int ELEMENTS = 16 * 1024;

    /// A part of a stack.
    sealed interface Member {
        /// The step that it would be by itself.
        Step step();

        /// Its places, one for each array of its kernel.
        List<Storage> places();

        /// Whether each layer has to do with one of as many equal parts of a place as there are layers.
        boolean keepsToLayers(Storage place);

        /// The same with other places for some.
        Member moved(Map<Storage, Storage> to);

        /// What computes it.
        Bound bind(Frame frame, int[] shifted);
    }

    /// A product.
    ///
    /// @param step without an epilogue, which is the next member
    record Product(Contraction step, StackedProduct kernel) implements Member {
        @Override
        public List<Storage> places() {
            return kernel.places();
        }

        @Override
        public boolean keepsToLayers(Storage place) {
            return kernel.keepsToLayers(place);
        }

        @Override
        public Product moved(Map<Storage, Storage> to) {
            StackedProduct moved = kernel.moved(to);
            return new Product(step.moved(moved, to), moved);
        }

        @Override
        public Bound bind(Frame frame, int[] shifted) {
            Layers layers = (worker, from, to, shift) -> kernel.runLayers(frame, worker, from, to, shift, shifted);
            return new Bound(layers, () -> {}, _ -> {}, () -> {});
        }
    }

    /// A convolution.
    ///
    /// @param step without an epilogue, which is the next member
    record Convolved(Contraction step, StackedConvolution kernel, int layers) implements Member {
        @Override
        public List<Storage> places() {
            return kernel.places();
        }

        /// Windows overlap.
        @Override
        public boolean keepsToLayers(Storage place) {
            return place != kernel.x() && place != kernel.w();
        }

        @Override
        public Convolved moved(Map<Storage, Storage> to) {
            StackedConvolution moved = kernel.moved(to);
            return new Convolved(step.moved(moved, to), moved, layers);
        }

        @Override
        public Bound bind(Frame frame, int[] shifted) {
            int windows = kernel.g().windows() / layers;
            BoundConvolution bound = new BoundConvolution(frame, kernel, windows, shifted[2]);
            return new Bound(bound::runLayers, bound::load, bound::pack, bound::unload);
        }
    }

    /// A loop.
    record Loop(LoopStep step, LayerCut cut) implements Member {
        @Override
        public List<Storage> places() {
            return step.places();
        }

        @Override
        public boolean keepsToLayers(Storage place) {
            for (int k = 0; k < step.places().size(); k++) {
                if (step.places().get(k) == place && !cut.hasPartOfItsOwn(k, place.size)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public Loop moved(Map<Storage, Storage> to) {
            return new Loop(step.moved(to), cut);
        }

        @Override
        public Bound bind(Frame frame, int[] shifted) {
            BoundLoop loop = step.bind(frame);
            Layers layers = (worker, from, to, shift) -> loop.runLayers(worker, cut, from, to, shift, shifted);
            return new Bound(layers, loop::load, _ -> {}, loop::unload);
        }
    }

    /// Computes some layers.
    private interface Layers {
        /// @param shift how many layers further on, or back, places for a few layers are used
        void run(int worker, int from, int to, int shift);
    }

    /// A member in a program.
    ///
    /// @param load takes over the arrays of a run
    /// @param prepare what all workers do together before any layer, with their shared workspace
    private record Bound(Layers layers, Runnable load, Consumer<Scratch> prepare, Runnable unload) {}

    /// A stack of these members.
    ///
    /// @param inner places that only they read
    static Stack of(List<Member> members, int layers, Set<Storage> inner, Places places, int threads) {
        int largest = (inner.isEmpty() ? members.getFirst().step().writes() : inner)
                .stream().mapToInt(s -> s.size / layers).max().orElse(ELEMENTS);
        int each = Math.clamp(ELEMENTS / Math.max(1, largest), 1, Math.ceilDiv(layers, 4 * threads));
        Map<Storage, Storage> own = new HashMap<>();
        for (Storage s : inner) {
            own.put(s, places.temporary(s.dtype, Shape.of(threads * each * (s.size / layers))));
        }
        Set<Storage> made = new HashSet<>(own.values());
        overwrite(members, inner, own);
        made.retainAll(own.values());
        return new Stack(members.stream().map(m -> m.moved(own)).toList(), layers, each, made);
    }

    /// What a product or convolution computes and only the next loop reads lives where that loop writes, if it can.
    private static void overwrite(List<Member> members, Set<Storage> inner, Map<Storage, Storage> own) {
        for (int i = 1; i < members.size(); i++) {
            if (!(members.get(i - 1).step() instanceof Contraction before)
                    || !(members.get(i) instanceof Loop loop)
                    || !inner.contains(before.result())) {
                continue;
            }
            Storage result = before.result();
            long readers = members.stream()
                    .filter(m -> m.step().reads().contains(result))
                    .count();
            for (Storage out : loop.step.writes()) {
                if (readers == 1 && loop.step.reads().contains(result) && loop.step.canOverwrite(result, out)) {
                    own.put(result, own.getOrDefault(out, out));
                    break;
                }
            }
        }
    }

    @Override
    public Runnable bind(Frame frame) {
        int all = frame.pool().threads() * each;
        Bound[] bound = new Bound[members.size()];
        for (int i = 0; i < bound.length; i++) {
            Member m = members.get(i);
            int[] shifted = m.places().stream()
                    .mapToInt(s -> own.contains(s) ? s.size / all : 0)
                    .toArray();
            bound[i] = m.bind(frame, shifted);
        }
        WorkerPool.Body body = (task, worker) -> {
            int from = task * each;
            int end = Math.min(layers, from + each);
            for (Bound b : bound) {
                b.layers.run(worker, from, end, worker * each - from);
            }
        };
        long work = flops() / 2;
        return () -> {
            for (Bound b : bound) {
                b.load.run();
            }
            // Few layers are worked on outside of a region, with a workspace that is the workers' own.
            frame.pool().exclusively(shared -> {
                for (Bound b : bound) {
                    b.prepare.accept(shared);
                }
                frame.pool().parallel(work, Math.ceilDiv(layers, each), body);
            });
            for (Bound b : bound) {
                b.unload.run();
            }
        };
    }

    /// What another step has begun to fill is read, even if members write to it first.
    @Override
    public List<Storage> reads() {
        return members.stream()
                .flatMap(m -> m.step().reads().stream())
                .filter(s -> !own.contains(s))
                .distinct()
                .toList();
    }

    @Override
    public List<Storage> writes() {
        return members.stream()
                .flatMap(m -> m.step().writes().stream())
                .distinct()
                .toList();
    }

    @Override
    public String title() {
        return "by layers: " + members.stream().map(m -> m.step().title()).collect(Collectors.joining("; "));
    }

    @Override
    public String shapes() {
        String products = members.stream()
                .filter(m -> m.step() instanceof Contraction)
                .map(m -> m.step().shapes())
                .collect(Collectors.joining("; "));
        return "%s, %d of %d layers at a time".formatted(products, each, layers);
    }

    @Override
    public long flops() {
        return members.stream().mapToLong(m -> m.step().flops()).sum();
    }

    /// What only members read stays in the cache.
    @Override
    public long touched(Storage place) {
        return own.contains(place)
                ? 0
                : members.stream()
                        .filter(m -> m.places().contains(place))
                        .mapToLong(m -> m.step().touched(place))
                        .max()
                        .orElse(0);
    }
}
