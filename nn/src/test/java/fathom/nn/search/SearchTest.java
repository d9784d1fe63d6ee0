package fathom.nn.search;

import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Loss;
import fathom.nn.optim.Sgd;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Trainer;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SearchTest {
    private static final Space SPACE = Space.of()
            .choice("activation", "relu", "gelu")
            .integers("layers", 1, 3)
            .uniform("dropout", 0, 0.5)
            .logUniform("learningRate", 1e-4, 1e-1);

    @Test
    void aGridHasEveryCombinationOnce() {
        List<Candidate> grid =
                Space.of().choice("a", "x", "y").integers("b", 1, 3).grid();
        assertThat(grid)
                .extracting(Candidate::toString)
                .containsExactly("a=x b=1", "a=x b=2", "a=x b=3", "a=y b=1", "a=y b=2", "a=y b=3");
        assertThatThrownBy(SPACE::grid).hasMessageContaining("grid: dropout is any number from 0.0 to 0.5");
    }

    @Test
    void drawsAreSpreadOverTheSpaceAndRepeatable() {
        List<Candidate> drawn = SPACE.draw(400, 7);
        assertThat(drawn).isEqualTo(SPACE.draw(400, 7)).isNotEqualTo(SPACE.draw(400, 8));
        assertThat(drawn.subList(0, 5)).isEqualTo(SPACE.draw(5, 7));
        assertThat(drawn).extracting(c -> c.text("activation")).contains("relu", "gelu");
        assertThat(drawn).extracting(c -> c.integer("layers")).contains(1, 2, 3);
        assertThat(drawn)
                .allSatisfy(c -> assertThat(c.number("dropout")).isBetween(0.0, 0.5))
                .allSatisfy(c -> assertThat(c.number("learningRate")).isBetween(1e-4, 1e-1));
        // Half of the logarithms are on each side of the middle.
        assertThat(drawn.stream()
                        .filter(c -> c.number("learningRate") < Math.sqrt(1e-5))
                        .count())
                .isBetween(160L, 240L);
    }

    @Test
    void theBestComesFirstAndFailuresLast() {
        var search = Search.of((c, _) -> {
            int x = c.integer("x");
            if (x == 3) {
                diverge();
            }
            return x == 2 ? Double.NaN : Math.abs(x - 4);
        });
        List<Candidate> candidates = Space.of().integers("x", 1, 5).grid();
        Results results = search.run(candidates, 2);
        assertThat(results.best().candidate().integer("x")).isEqualTo(4);
        assertThat(results.trials()).extracting(t -> t.candidate().integer("x")).containsExactly(4, 5, 1, 2, 3);
        assertThat(results.trials().getLast().failure())
                .hasValueSatisfying(why -> assertThat(why).contains("at step"));
        assertThat(results.table()).contains("failed").hasLineCount(6);
        assertThat(search.greaterIsBetter()
                        .run(candidates, 2)
                        .best()
                        .candidate()
                        .integer("x"))
                .isEqualTo(1);
        assertThatThrownBy(
                        () -> Search.of((_, _) -> Double.NaN).run(candidates, 1).best())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("all 5 candidates failed");
    }

    private static void diverge() {
        Trainer.of(linear(1))
                .loss(Loss.meanSquaredError())
                .optimizer(Sgd.of(1e6))
                .progress(false)
                .fit(one(Tensor.of(new float[][] {{1}}), Tensor.of(new float[][] {{2}})), Epochs.of(50));
    }

    @Test
    void halvingGivesTheBestMore() {
        List<String> tried = new ArrayList<>();
        Results results = Search.of((c, budget) -> {
                    tried.add(c.integer("x") + " with " + budget);
                    return Math.abs(c.integer("x") - 6);
                })
                .halving(Space.of().integers("x", 1, 9).grid(), 2, 3);
        assertThat(tried).hasSize(9 + 3 + 1).endsWith("6 with 6", "5 with 6", "7 with 6", "6 with 18");
        assertThat(results.best().budget()).isEqualTo(18);
        assertThat(results.best().candidate().integer("x")).isEqualTo(6);
    }

    @Test
    void badInputIsRefused() {
        assertThatThrownBy(() -> Space.of().choice("a")).hasMessageContaining("no values");
        assertThatThrownBy(() -> Space.of().choice("a", 1L)).hasMessageContaining("a may be 1");
        assertThatThrownBy(() -> Space.of().integers("a", 2, 1)).hasMessageContaining("from 2 to 1");
        assertThatThrownBy(() -> Space.of().logUniform("a", 0, 1)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> Space.of().integers("a", 1, 2).integers("a", 1, 2))
                .hasMessageContaining("a second a");
        Search search = Search.of((_, _) -> 0);
        assertThatThrownBy(() -> search.run(List.of(), 1)).hasMessageContaining("no candidates");
        List<Candidate> one = List.of(new Candidate(Map.of("a", "b")));
        assertThatThrownBy(() -> search.run(one, 0)).hasMessageContaining("budget");
        assertThatThrownBy(() -> search.halving(one, 1, 1)).hasMessageContaining("factor of 1");
        assertThatThrownBy(() -> one.getFirst().number("a")).hasMessageContaining("a is b, expected a number");
        assertThatThrownBy(() -> one.getFirst().text("c")).hasMessageContaining("no c, expected one of [a]");
    }

    /// Trains real models: y = 3x + 1 with noise, from five parts of the data.
    @Test
    void crossValidationMeasuresEachFold() {
        RandomStream random = RandomStream.of(3);
        Tensor x = random.split("x").normal(Shape.of(100, 1)).evaluate();
        Tensor y = x.mul(3)
                .add(1)
                .add(random.split("noise").normal(Shape.of(100, 1)).mul(0.1))
                .evaluate();
        List<CrossValidation.Fold> folds = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int from = 20 * i;
            folds.add(new CrossValidation.Fold(
                    one(
                            Tensor.concat(0, x.slice(0, 0, from), x.slice(0, from + 20, 100)),
                            Tensor.concat(0, y.slice(0, 0, from), y.slice(0, from + 20, 100))),
                    one(x.slice(0, from, from + 20), y.slice(0, from, from + 20))));
        }
        CrossValidation result = CrossValidation.over(folds, fold -> {
            Trainer trainer = Trainer.of(linear(1))
                    .loss(Loss.meanSquaredError())
                    .optimizer(Sgd.of(0.1))
                    .progress(false);
            trainer.fit(fold.training(), Epochs.of(100));
            return trainer.evaluate(fold.validation());
        });
        assertThat(result.folds()).hasSize(5);
        // The noise has variance 0.01, and nothing better can be had.
        assertThat(result.spread("loss").mean()).isBetween(0.005, 0.02);
        assertThat(result.spread("loss").standardDeviation()).isBetween(1e-4, 0.01);
        assertThat(result.spreads()).containsOnlyKeys("loss");
    }

    @Test
    void theSpreadIsThatOfTheSample() {
        var result = new CrossValidation(List.of(
                new Evaluation(Map.of("loss", 1.0), 1, 0),
                new Evaluation(Map.of("loss", 2.0), 1, 0),
                new Evaluation(Map.of("loss", 6.0), 1, 0)));
        assertThat(result.spread("loss").mean()).isEqualTo(3);
        assertThat(result.spread("loss").standardDeviation()).isCloseTo(Math.sqrt(7), within(1e-12));
        assertThatThrownBy(() -> result.spread("accuracy")).hasMessageContaining("no accuracy");
    }

    private static Batches one(Tensor x, Tensor y) {
        Batch all = new Batch(x.evaluate(), y.evaluate());
        return new Batches() {
            @Override
            public int count() {
                return 1;
            }

            @Override
            public int samples() {
                return all.size();
            }

            @Override
            public Iterator<Batch> epoch(int epoch, int skip) {
                return List.of(all).subList(skip, 1).iterator();
            }
        };
    }
}
