package fathom.backend.cpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds steps that can be a [Stack], and puts them together.
///
/// The rule: products of at least [#LAYERS_OF_THREAD] matrices for each thread, none with more than
/// [#MOST_ELEMENTS], and what comes after them as long as it follows by layers. A few steps in between that have
/// nothing to do with these run before; earlier loops of which nobody else reads anything are put off. So, too, a
/// convolution and what goes by rows of its windows, if a loop among that has at least as many such rows.
final class Stacks {
    /// With fewer, threads would have to wait for each other's last layers.
    private static final int LAYERS_OF_THREAD = 3;

    /// What is larger does not stay in the cache, and has work enough for the steps of its own.
    private static final int MOST_ELEMENTS = 1 << 17;

    /// Steps in between that may run before.
    private static final int MOST_BETWEEN = 4;

    private final Places places;
    private final int threads;
    private final List<Step> steps;
    private final Map<Storage, Integer> writers = new HashMap<>();
    private final Map<Storage, Integer> readers = new HashMap<>();

    private Stacks(List<Step> steps, Places places, int threads) {
        this.steps = new ArrayList<>(steps);
        this.places = places;
        this.threads = threads;
        for (Step step : steps) {
            Set.copyOf(step.reads()).forEach(s -> readers.merge(s, 1, Integer::sum));
            Set.copyOf(step.writes()).forEach(s -> writers.merge(s, 1, Integer::sum));
        }
    }

    /// The steps with those put together that can be.
    static List<Step> group(List<Step> steps, Places places, int threads) {
        Stacks stacks = new Stacks(steps, places, threads);
        for (int i = 0; i < stacks.steps.size(); i++) {
            if (stacks.steps.get(i) instanceof Contraction c
                    && c.kernel() instanceof StackedProduct p
                    && stacks.isSmall(p.product())) {
                i = stacks.collect(i, p.product().batches());
            } else if (stacks.steps.get(i) instanceof Contraction c && c.kernel() instanceof StackedConvolution s) {
                int layers = stacks.layersAfter(i, c);
                i = layers > 0 && s.goesBy(layers) ? stacks.collect(i, layers) : i;
            }
        }
        return stacks.steps;
    }

    /// How often the loops after a convolution that read what it computes go over rows; 0 if there is none that
    /// does so often.
    private int layersAfter(int at, Contraction convolution) {
        List<Storage> made = convolution.writes();
        for (int i = at + 1; i < Math.min(steps.size(), at + 2 + MOST_BETWEEN); i++) {
            if (steps.get(i) instanceof LoopStep loop && loop.reads().stream().anyMatch(made::contains)) {
                int layers = LayerCut.around(loop);
                return layers >= LAYERS_OF_THREAD * threads ? layers : 0;
            }
        }
        return 0;
    }

    private boolean isSmall(Gemm.Product p) {
        long largest = Math.max((long) p.m() * p.n(), Math.max((long) p.m() * p.k(), (long) p.k() * p.n()));
        return p.batches() >= LAYERS_OF_THREAD * threads && largest <= MOST_ELEMENTS;
    }

    /// Makes a stack of the product at a place in the order and what belongs to it. Says where it is then.
    private int collect(int at, int layers) {
        Set<Step> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Stack.Member> members = new ArrayList<>();
        List<Step> between = new ArrayList<>();
        List<Step> before = List.of();
        int end = at;
        for (int i = at; i < steps.size() && between.size() <= MOST_BETWEEN; i++) {
            Step step = steps.get(i);
            List<Stack.Member> more = members(step, layers, members);
            if (!more.isEmpty()) {
                members.addAll(more);
                taken.add(step);
                before = List.copyOf(between);
                end = i + 1;
            } else if (hasToDoWith(step, members)) {
                break;
            } else {
                between.add(step);
            }
        }
        for (int i = at - 1; i >= 0; i--) {
            if (steps.get(i) instanceof LoopStep loop && isReadOnlyBy(loop, taken)) {
                List<Stack.Member> more = members(loop, layers, members);
                members.addAll(0, more);
                if (!more.isEmpty()) {
                    taken.add(loop);
                }
            }
        }
        if (!passOn(members)) {
            return at;
        }
        List<Step> arranged = new ArrayList<>(steps.subList(0, at));
        arranged.removeAll(taken);
        arranged.addAll(before);
        int now = arranged.size();
        arranged.add(Stack.of(members, layers, inner(taken, members), places, threads));
        arranged.addAll(steps.subList(end, steps.size()));
        steps.clear();
        steps.addAll(arranged);
        return now;
    }

    /// Whether a step reads what members compute, or writes to where they do.
    private static boolean hasToDoWith(Step step, List<Stack.Member> members) {
        return members.stream()
                .flatMap(m -> m.step().writes().stream())
                .anyMatch(s -> step.reads().contains(s) || step.writes().contains(s));
    }

    /// Whether one reads what another computes.
    private static boolean passOn(List<Stack.Member> members) {
        List<Storage> read =
                members.stream().flatMap(m -> m.step().reads().stream()).toList();
        return members.stream().flatMap(m -> m.step().writes().stream()).anyMatch(read::contains);
    }

    /// Whether what a loop computes is read by these steps and nobody else.
    private boolean isReadOnlyBy(LoopStep loop, Set<Step> taken) {
        return loop.writes().stream().allMatch(s -> writers.getOrDefault(s, 0) == 1 && isReadOnlyBy(s, taken));
    }

    private boolean isReadOnlyBy(Storage s, Set<Step> taken) {
        long here = taken.stream().filter(t -> t.reads().contains(s)).count();
        return s.kind() == Storage.Kind.TEMPORARY && here > 0 && here == readers.getOrDefault(s, 0);
    }

    /// The places of which nobody reads anything but members.
    private Set<Storage> inner(Set<Step> taken, List<Stack.Member> members) {
        Set<Storage> inner = new HashSet<>();
        for (Step step : taken) {
            step.writes().stream()
                    .filter(s -> writers.getOrDefault(s, 0) == 1 && isReadOnlyBy(s, taken))
                    .forEach(inner::add);
            // Of what an epilogue reads its contraction says nothing.
            if (step instanceof Contraction c && c.epilogue() != null && readers.getOrDefault(c.result(), 0) == 0) {
                inner.add(c.result());
            }
        }
        inner.removeIf(
                s -> s.kind() != Storage.Kind.TEMPORARY || !members.stream().allMatch(m -> m.keepsToLayers(s)));
        return inner;
    }

    /// What a step would be in a stack with others; empty if it does not fit.
    private List<Stack.Member> members(Step step, int layers, List<Stack.Member> others) {
        List<Stack.Member> all = new ArrayList<>(others);
        Stream<Step> parts = step instanceof Contraction c && c.epilogue() != null
                ? Stream.of(c.moved(c.kernel(), Map.of()), c.epilogue())
                : Stream.of(step);
        for (Step part : parts.toList()) {
            Stack.Member member = member(part, layers, all);
            if (member == null) {
                return List.of();
            }
            all.add(member);
        }
        return all.subList(others.size(), all.size());
    }

    private Stack.@Nullable Member member(Step step, int layers, List<Stack.Member> others) {
        if (step instanceof Contraction c && c.kernel() instanceof StackedProduct p) {
            boolean shares = others.isEmpty()
                    || others.stream().anyMatch(o -> p.places().stream().anyMatch(o.places()::contains));
            Stack.Member member = new Stack.Product(c, p);
            boolean fits = shares && p.product().batches() == layers && isSmall(p.product());
            return fits && goesWith(member, others) ? member : null;
        }
        if (step instanceof Contraction c && c.kernel() instanceof StackedConvolution s) {
            return others.isEmpty() && s.goesBy(layers) ? new Stack.Convolved(c, s, layers) : null;
        }
        if (!(step instanceof LoopStep loop)) {
            return null;
        }
        int common = common(loop, others);
        if (common < 0) {
            return null;
        }
        Stack.Member member = loop(loop, layers);
        if ((member == null || !goesWith(member, others)) && loop.onlyStores()) {
            member = loop(loop.inOrderOf(common), layers);
        }
        return member != null && goesWith(member, others) ? member : null;
    }

    private static Stack.@Nullable Member loop(LoopStep step, int layers) {
        LayerCut cut = LayerCut.of(step, layers);
        return cut == null ? null : new Stack.Loop(step, cut);
    }

    /// The first of a loop's places that another one writes, or reads after the loop wrote it; -1 if there is none.
    private static int common(LoopStep loop, List<Stack.Member> others) {
        for (int k = 0; k < loop.places().size(); k++) {
            Storage s = loop.places().get(k);
            boolean isRead = k < loop.inputs();
            if (others.stream().map(Stack.Member::step).anyMatch(o -> (isRead ? o.writes() : o.reads()).contains(s))) {
                return k;
            }
        }
        return -1;
    }

    /// Whether what a member and the others hand on stays within layers.
    private static boolean goesWith(Stack.Member member, List<Stack.Member> others) {
        for (Stack.Member other : others) {
            for (Storage s : member.places()) {
                boolean isWritten = member.step().writes().contains(s)
                        || other.step().writes().contains(s);
                if (isWritten
                        && other.places().contains(s)
                        && !(member.keepsToLayers(s) && other.keepsToLayers(s))
                        && !writeApart(member, other, s)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Whether two loops write to different parts of a place that neither reads.
    private static boolean writeApart(Stack.Member one, Stack.Member other, Storage s) {
        if (!(one.step() instanceof LoopStep a && other.step() instanceof LoopStep b)
                || a.reads().contains(s)
                || b.reads().contains(s)) {
            return false;
        }
        LoopStep.Row first = a.extent(a.places().indexOf(s));
        LoopStep.Row second = b.extent(b.places().indexOf(s));
        return first.start() + first.length() <= second.start() || second.start() + second.length() <= first.start();
    }
}
