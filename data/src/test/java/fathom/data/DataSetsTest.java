package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// That the carried files are whole and read as their authors describe them.
class DataSetsTest {
    private static int[] counts(int[] labels, int classes) {
        int[] counts = new int[classes];
        Arrays.stream(labels).forEach(label -> counts[label]++);
        return counts;
    }

    @Test
    void iris() {
        LabelledTable iris = DataSets.iris();
        assertThat(iris.dataset()).hasToString("150 samples: inputs F32[4], targets I32[]");
        assertThat(iris.classes()).containsExactly("setosa", "versicolor", "virginica");
        assertThat(iris.features()).hasSize(4).startsWith("sepal length");
        assertThat(counts(iris.dataset().all().y().toInts(), 3)).containsExactly(50, 50, 50);
        assertThat(iris.dataset().get(0).x().toFloats()).containsExactly(5.1f, 3.5f, 1.4f, 0.2f);
        assertThat(iris.dataset().statistics().mean().get(2)).isCloseTo(3.758, within(1e-3));
    }

    @Test
    void breastCancer() {
        LabelledTable tumours = DataSets.breastCancer();
        assertThat(tumours.dataset().size()).isEqualTo(569);
        assertThat(tumours.features()).hasSize(30).contains("worst fractal dimension");
        assertThat(tumours.classes()).containsExactly("malignant", "benign");
        assertThat(counts(tumours.dataset().all().y().toInts(), 2)).containsExactly(212, 357);
        // The mean radius, as published.
        assertThat(tumours.dataset().statistics().mean().getFirst()).isCloseTo(14.127, within(1e-3));
    }

    @Test
    void californiaHousing() {
        Table houses = DataSets.californiaHousing();
        assertThat(houses.rows()).isEqualTo(20_640);
        assertThat(houses.columns()).hasSize(10);
        assertThat(Arrays.stream(houses.numbers("total_bedrooms"))
                        .filter(Double::isNaN)
                        .count())
                .isEqualTo(207);
        assertThat(Arrays.stream(houses.numbers("median_house_value")).max()).hasValue(500_001);
        assertThat(houses.categories("ocean_proximity").names())
                .containsExactly("<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN");
        assertThat(houses.regression("median_house_value", "median_income", "housing_median_age")
                        .get(0)
                        .x()
                        .toFloats())
                .containsExactly(8.3252f, 41);
    }

    @Test
    void beijingPm25() {
        Table hours = DataSets.beijingPm25();
        assertThat(hours.rows()).isEqualTo(43_824);
        assertThat(Arrays.stream(hours.numbers("pm2.5")).filter(Double::isNaN).count())
                .isEqualTo(2_067);
        assertThat(hours.numbers("pm2.5")[24]).isEqualTo(129);
        assertThat(hours.categories("cbwd").names()).containsExactly("NE", "NW", "SE", "cv");
    }

    @Test
    void tinyShakespeare() {
        String text = DataSets.tinyShakespeare();
        assertThat(text).hasSize(1_115_394).startsWith("First Citizen:\nBefore we proceed");
        assertThat(text.chars().distinct().count()).isEqualTo(65);
    }

    @Test
    void surnames() {
        LabelledTexts names = DataSets.surnames();
        assertThat(names.texts()).hasSize(20_050).contains("Abadi", "Nguyen");
        assertThat(names.classes()).hasSize(18).isSorted();
        assertThat(counts(names.labels(), 18)[names.classes().indexOf("Korean")])
                .isEqualTo(94);
        assertThat(names.labels()[names.texts().indexOf("Satoh")])
                .isEqualTo(names.classes().indexOf("Japanese"));
    }

    @Test
    void smsSpam() {
        LabelledTexts messages = DataSets.smsSpam();
        assertThat(messages.texts()).hasSize(5_574);
        assertThat(counts(messages.labels(), 2)).containsExactly(4_827, 747);
        assertThat(messages.texts().get(1)).isEqualTo("Ok lar... Joking wif u oni...");
    }

    @Test
    void spokenDigits() {
        SpokenDigits digits = SpokenDigits.load();
        assertThat(digits.train()).hasSize(900);
        assertThat(digits.test()).hasSize(300);
        assertThat(digits.train()).allMatch(r -> r.sound().sampleRate() == 8000);
        assertThat(new HashSet<>(digits.test().stream()
                        .map(SpokenDigits.Recording::speaker)
                        .toList()))
                .hasSize(6)
                .contains("jackson", "theo");
        Dataset dataset = SpokenDigits.dataset(digits.test(), 4000);
        assertThat(dataset).hasToString("300 samples: inputs F32[4000], targets I32[]");
        assertThat(counts(dataset.all().y().toInts(), 10)).containsOnly(30);
        double seconds = digits.train().stream()
                .mapToDouble(r -> r.sound().values().length / 8000.0)
                .sum();
        double others = digits.test().stream()
                .mapToDouble(r -> r.sound().values().length / 8000.0)
                .sum();
        assertThat(seconds + others).isCloseTo(524, within(1.0));
    }

    @Test
    void everySetHasACard() {
        List<DataCard> cards = DataSets.cards();
        assertThat(cards).hasSize(9).allMatch(card -> !card.citation().isBlank());
        assertThat(cards).extracting(DataCard::licence).contains("MIT", "CC BY-SA 3.0", "CC BY-SA 4.0");
    }

    @Test
    void damagedAndMissingFilesAreErrors() {
        Carried damaged = new Carried("tabular/iris.csv", "0".repeat(64));
        assertThatThrownBy(damaged::bytes)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("tabular/iris.csv: damaged: SHA-256 f13ffa8f");
        assertThatThrownBy(() -> new Carried("tabular/none.csv", "").bytes())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the module fathom.data lacks its file tabular/none.csv: build it again");
    }
}
