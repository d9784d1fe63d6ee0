package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Batch;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// Samples to learn from: pairs of an input and its target.
///
/// A data set never changes; every method that alters something gives a new one over the same
/// values, so nothing is copied. Values are decoded when a batch is read.
///
/// ```
/// var parts = mnist.train().split(0.9, 0.1);
/// Loader training = parts.get(0).shuffle(42).batch(128);
/// ```
public final class Dataset {
    private static final double SHARES_TOLERANCE = 1e-9;

    private final Samples inputs;
    private final Samples targets;
    private final int[] members;
    private final OptionalLong seed;

    private Dataset(Samples inputs, Samples targets, int[] members, OptionalLong seed) {
        this.inputs = inputs;
        this.targets = targets;
        this.members = members;
        this.seed = seed;
    }

    /// Pairs of inputs and targets.
    ///
    /// @throws IllegalArgumentException if there are not as many of both
    public static Dataset of(Samples inputs, Samples targets) {
        int count = inputs.count();
        String message = "dataset: %s inputs %s and %s targets %s, expected as many";
        Require.that(count == targets.count(), message, count, inputs.shape(), targets.count(), targets.shape());
        int[] all = IntStream.range(0, count).toArray();
        return new Dataset(inputs, targets, all, OptionalLong.empty());
    }

    /// The rows of two tensors.
    ///
    /// @param x the inputs, `[N, ...]`
    /// @param y the targets, `[N, ...]`: class indices (I32) or values
    /// @throws IllegalArgumentException if there are not as many of both
    public static Dataset of(Tensor x, Tensor y) {
        return of(Samples.of(x), Samples.of(y));
    }

    /// Rows of F32 features and their class indices.
    ///
    /// @throws IllegalArgumentException if there are not as many of both or the rows differ in
    ///   length
    public static Dataset of(float[][] rows, int[] labels) {
        return of(Tensor.of(rows), Tensor.of(labels, labels.length));
    }

    /// Rows of F32 features and rows of F32 values to be predicted.
    ///
    /// @throws IllegalArgumentException if there are not as many of both or the rows differ in
    ///   length
    public static Dataset of(float[][] rows, float[][] targets) {
        return of(Tensor.of(rows), Tensor.of(targets));
    }

    /// The number of samples.
    public int size() {
        return members.length;
    }

    /// The shape of one input, without the batch axis: what a model is built for.
    public Shape inputShape() {
        return inputs.shape();
    }

    /// The dtype of the inputs in a batch.
    public DType inputType() {
        return inputs.dtype();
    }

    /// The shape of one target, without the batch axis.
    public Shape targetShape() {
        return targets.shape();
    }

    /// The dtype of the targets in a batch.
    public DType targetType() {
        return targets.dtype();
    }

    // ---- which samples, in which order ----

    /// The same samples in an order that is drawn anew for each epoch, from the seed and the
    /// epoch's number alone.
    public Dataset shuffle(long newSeed) {
        return new Dataset(inputs, targets, members, OptionalLong.of(newSeed));
    }

    /// The first samples. Of a shuffled data set: those that come first in epoch 0, in every epoch,
    /// shuffled among themselves.
    ///
    /// @param count how many
    /// @throws IllegalArgumentException if there are fewer, or `count` is below 1
    public Dataset take(int count) {
        checkCount("take", count, size());
        return part(0, count);
    }

    /// All but the first samples: what [#take] leaves.
    ///
    /// @param count how many to leave out
    /// @throws IllegalArgumentException if none would be left, or `count` is negative
    public Dataset skip(int count) {
        if (count != 0) {
            checkCount("skip", count, size() - 1);
        }
        return part(count, size());
    }

    private static void checkCount(String operation, int count, int most) {
        Require.that(count >= 1 && count <= most, "%s: %s samples, expected 1 to %s", operation, count, most);
    }

    /// Parts that have no sample in common and together have all. Of a shuffled data set the parts
    /// are cut from the order of epoch 0, and then each is shuffled in itself: what is held out
    /// stays held out.
    ///
    /// @param shares the parts' sizes as fractions that add up to 1
    /// @throws IllegalArgumentException if they do not, or a part would be empty
    public List<Dataset> split(double... shares) {
        double sum = Arrays.stream(shares).sum();
        boolean whole = Math.abs(sum - 1) <= SHARES_TOLERANCE;
        Require.that(whole, "split: shares %s add up to %s, expected 1", Arrays.toString(shares), sum);
        List<Dataset> parts = new ArrayList<>();
        double share = 0;
        int from = 0;
        for (double s : shares) {
            share += s;
            int to = (int) Math.round(share * size());
            String message = "split: a share of %s of %s samples, expected each part to have at least one sample";
            Require.that(s > 0 && to > from, message, s, size());
            parts.add(part(from, to));
            from = to;
        }
        return List.copyOf(parts);
    }

    private Dataset part(int from, int to) {
        return new Dataset(inputs, targets, Arrays.copyOfRange(order(0), from, to), seed);
    }

    /// The samples' indices in the order of an epoch; not to be changed.
    int[] order(int epoch) {
        if (seed.isEmpty()) {
            return members;
        }
        RandomStream random = RandomStream.of(seed.getAsLong()).split("epoch " + epoch);
        int[] order = random.shuffled(members.length);
        for (int i = 0; i < order.length; i++) {
            order[i] = members[order[i]];
        }
        return order;
    }

    // ---- transforms of the inputs ----

    /// Inputs less `mean`, divided by `deviation`.
    ///
    /// @throws IllegalArgumentException if the inputs are not F32 or F64, or the deviation is not
    ///   above 0
    public Dataset normalise(double mean, double deviation) {
        boolean fit = deviation > 0 && Double.isFinite(deviation) && Double.isFinite(mean);
        String message =
                "normalise: mean %s and standard deviation %s, expected finite numbers and a deviation above 0";
        Require.that(fit, message, mean, deviation);
        return standardised("normalise", new double[] {mean}, new double[] {deviation});
    }

    /// Inputs whose channels each have mean 0 and standard deviation 1.
    ///
    /// @throws IllegalArgumentException if the inputs are not F32 or F64
    public Dataset standardise() {
        return standardise(statistics());
    }

    /// Inputs less each channel's mean, divided by its standard deviation; channels that never vary
    /// are divided by 1. Validation and test data are given the statistics of the training data.
    ///
    /// @param statistics from [#statistics], of this data set or of another
    /// @throws IllegalArgumentException if the inputs are not F32 or F64, or have another number of
    ///   channels
    public Dataset standardise(Statistics statistics) {
        int channels = Statistics.channels(inputs);
        int given = statistics.mean().size();
        String message = "standardise: statistics of %s channels, expected %s for inputs of shape %s";
        Require.that(given == channels, message, given, channels, inputShape());
        return standardised(
                "standardise",
                statistics.mean().stream().mapToDouble(m -> m).toArray(),
                statistics.deviation().stream().mapToDouble(d -> d == 0 ? 1 : d).toArray());
    }

    private Dataset standardised(String operation, double[] mean, double[] deviation) {
        checkFloating(operation);
        return withInputs(new StandardisedSamples(inputs, mean, deviation));
    }

    private void checkFloating(String operation) {
        boolean fits = inputType().isFloating();
        Require.that(fits, "%s: the inputs are %s, expected F32 or F64", operation, inputType());
    }

    /// Mean and standard deviation of the inputs, channel by channel. Reads all samples.
    ///
    /// @throws IllegalArgumentException if the inputs are not F32 or F64, or there are none
    public Statistics statistics() {
        checkFloating("statistics");
        Require.that(size() > 0 && inputShape().size() > 0, "statistics: no values, expected at least one");
        return Statistics.of(inputs, members);
    }

    /// Inputs that a transform makes from these, whenever they are read.
    ///
    /// @param shape the new inputs' shape, without the batch axis
    /// @throws IllegalArgumentException if the inputs are not F32
    public Dataset map(Shape shape, Transform transform) {
        Require.that(inputType() == DType.F32, "map: the inputs are %s, expected F32", inputType());
        return withInputs(new TransformedSamples(inputs, shape, transform));
    }

    private Dataset withInputs(Samples newInputs) {
        return new Dataset(newInputs, targets, members, seed);
    }

    // ---- reading ----

    /// Some samples, in the order given.
    ///
    /// @param positions places in this data set (in epoch 0 if it is shuffled), from 0
    /// @throws IllegalArgumentException if there is no such place
    public Batch get(int... positions) {
        int[] order = order(0);
        int[] indices = new int[positions.length];
        for (int i = 0; i < positions.length; i++) {
            boolean fits = positions[i] >= 0 && positions[i] < size();
            Require.that(fits, "get: sample %s, expected 0 to %s", positions[i], size() - 1);
            indices[i] = order[positions[i]];
        }
        return read(indices);
    }

    /// The whole data set as one batch.
    ///
    /// @throws IllegalArgumentException if that is 2³¹ elements or more
    public Batch all() {
        return read(order(0));
    }

    private Batch read(int[] indices) {
        return new Batch(inputs.gather(indices), targets.gather(indices));
    }

    /// Batches of the given size; the last one of an epoch may be smaller.
    ///
    /// @throws IllegalArgumentException if the size is below 1
    public Loader batch(int size) {
        return new Loader(this, size);
    }

    Samples inputs() {
        return inputs;
    }

    Samples targets() {
        return targets;
    }

    /// One line: how many samples of what.
    @Override
    public String toString() {
        return size()
                + " samples: inputs "
                + inputType()
                + inputShape()
                + ", targets "
                + targetType()
                + targetShape()
                + (seed.isPresent() ? ", shuffled with seed " + seed.getAsLong() : "");
    }
}
