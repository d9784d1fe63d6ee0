package fathom.data;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Which samples, by their positions from 0, go to which part of a data set.
final class Partition {
    private static final double SHARES_TOLERANCE = 1e-9;
    private static final String EMPTY_PART =
            "%s: a share of %s of %s samples, expected each part to have at least one sample";

    private Partition() {}

    /// Stretches with the given shares, one after the other.
    static List<int[]> split(int size, double... shares) {
        int[] all = IntStream.range(0, size).toArray();
        return split("split", size, new int[][] {all}, shares);
    }

    /// Parts with the given shares of each class, as nearly as whole samples allow.
    static List<int[]> stratifiedSplit(int[] labels, double... shares) {
        return split("stratifiedSplit", labels.length, byClass(labels), shares);
    }

    private static List<int[]> split(String operation, int size, int[][] groups, double... shares) {
        double sum = Arrays.stream(shares).sum();
        boolean whole = Math.abs(sum - 1) <= SHARES_TOLERANCE;
        Require.that(whole, "%s: shares %s add up to %s, expected 1", operation, Arrays.toString(shares), sum);
        for (double s : shares) {
            Require.that(s > 0, EMPTY_PART, operation, s, size);
        }
        List<int[]> parts = new ArrayList<>();
        double share = 0;
        for (double s : shares) {
            double before = share;
            share += s;
            double after = share;
            int[] part = Arrays.stream(groups)
                    .flatMapToInt(group -> stretch(group, before, after))
                    .sorted()
                    .toArray();
            Require.that(part.length > 0, EMPTY_PART, operation, s, size);
            parts.add(part);
        }
        return parts;
    }

    private static IntStream stretch(int[] group, double before, double after) {
        int from = (int) Math.round(before * group.length);
        int to = (int) Math.round(after * group.length);
        return Arrays.stream(group, from, to);
    }

    /// For each sample one of `count` folds that are as equal as can be, one after the other.
    static int[] folds(int size, int count) {
        checkFolds("folds", size, count);
        int[] foldOf = new int[size];
        Arrays.setAll(foldOf, i -> (int) ((long) i * count / size));
        return foldOf;
    }

    /// As [#folds], with the classes in every fold in the proportions of the whole.
    static int[] stratifiedFolds(int[] labels, int count) {
        checkFolds("stratifiedFolds", labels.length, count);
        int[] foldOf = new int[labels.length];
        int dealt = 0;
        for (int[] positions : byClass(labels)) {
            for (int position : positions) {
                foldOf[position] = dealt++ % count;
            }
        }
        return foldOf;
    }

    private static void checkFolds(String operation, int size, int count) {
        boolean fits = count >= 2 && count <= size;
        Require.that(fits, "%s: %s folds of %s samples, expected 2 to %s", operation, count, size, size);
    }

    /// The positions of each class, in rising order of the classes.
    static int[][] byClass(int[] labels) {
        Map<Integer, List<Integer>> positions = new TreeMap<>();
        for (int i = 0; i < labels.length; i++) {
            positions.computeIfAbsent(labels[i], label -> new ArrayList<>()).add(i);
        }
        return positions.values().stream()
                .map(places -> places.stream().mapToInt(i -> i).toArray())
                .toArray(int[][]::new);
    }
}
