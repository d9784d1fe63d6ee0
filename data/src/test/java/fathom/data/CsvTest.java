package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
    private static final String FRUIT = """
        name,weight,"colour, roughly"
        apple, 150 ,red
        plum,NA,"blue ""ish\"""
        pear,170.5,
        """;

    @TempDir
    private Path folder;

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void readsNumbersTextsAndCategories() {
        Table table = Csv.standard().read(FRUIT, "fruit");
        assertThat(table.rows()).isEqualTo(3);
        assertThat(table.columns()).containsExactly("name", "weight", "colour, roughly");
        assertThat(table.numbers("weight")).containsExactly(150, Double.NaN, 170.5);
        assertThat(table.texts("colour, roughly")).containsExactly("red", "blue \"ish\"", "");
        assertThat(table.isNumeric("weight")).isTrue();
        assertThat(table.isNumeric("name")).isFalse();
        Table.Categories colours = table.categories("colour, roughly");
        assertThat(colours.names()).containsExactly("blue \"ish\"", "red");
        assertThat(colours.indices()).containsExactly(1, 0, Table.Categories.MISSING);
        assertThat(table.indices("name").toInts()).containsExactly(0, 2, 1);
        assertThat(table.categories("name", List.of("pear", "plum", "apple")).indices())
                .containsExactly(2, 1, 0);
        assertThat(table).hasToString("fruit: 3 rows of [name, weight, colour, roughly]");
    }

    @Test
    void categoriesCanBeFeatures() {
        Table table = Csv.standard().read("size,coast,price\n1,near,10\n2,NA,20\n3,far,30\n", "houses");
        Table indexed = table.indexed("coast");
        assertThat(indexed.features("coast", "size")[0]).containsExactly(1, 1);
        assertThat(indexed.features("coast", "size")[1]).containsExactly(Float.NaN, 2);
        assertThat(indexed.features("coast", "size")[2]).containsExactly(0, 3);
        assertThat(indexed.regression("price").all().x().toFloats()).containsExactly(1, 1, 2, Float.NaN, 3, 0);
        assertThat(table.texts("coast")).containsExactly("near", "", "far");
        Table known = table.indexed("coast", List.of("near", "inland", "far"));
        assertThat(known.numbers("coast")).containsExactly(0, Double.NaN, 2);
        Dataset train = known.regression("price");
        float[][] rows = Preprocessing.fit(train, Step.Impute.mostFrequent(), Step.OneHot.columns(1))
                .rows(new float[][] {{4, 2}});
        assertThat(rows).isDeepEqualTo(new float[][] {{4, 0, 1}});
        assertRefused(
                () -> table.indexed("coast", List.of("near")), "houses:4: column coast: 'far', expected one of [near]");
        assertRefused(() -> table.indexed("sea"), "houses: no column sea, expected one of [size, coast, price]");
    }

    @Test
    void makesDataSets() {
        Table table = Csv.standard().read("a,b,label\n1,2,yes\n3,4,no\n", "t");
        Batch classes = table.classification("label").all();
        assertThat(classes.x().toFloats()).containsExactly(1, 2, 3, 4);
        assertThat(classes.y().toInts()).containsExactly(1, 0);
        Batch values = table.regression("b", "a").all();
        assertThat(values.x().toFloats()).containsExactly(1, 3);
        assertThat(values.y().toFloats()).containsExactly(2, 4);
        assertRefused(
                () -> Csv.standard().read("a,label\n1,x\n2,NA\n", "t").classification("label"),
                "t:3: column label has no value, expected one");
    }

    @Test
    void readsFilesPlainOrCompressed() throws IOException {
        Path file = folder.resolve("a.csv.gz");
        Files.write(file, IdxTest.gzip("\uFEFFx;y\n1;'2\n".getBytes(StandardCharsets.UTF_8)));
        Table table = Csv.standard().separator(';').read(file);
        assertThat(table.texts("y")).containsExactly("'2");
        Path plain = Files.writeString(folder.resolve("b.csv"), "5,\"x\n-1,y\n");
        Table bare =
                Csv.standard().withoutHeader().withoutQuotes().missing("-1").read(plain);
        assertThat(bare.numbers("0")).containsExactly(5, Double.NaN);
        assertThat(bare.texts("1")).containsExactly("\"x", "y");
        Path none = folder.resolve("none.csv");
        assertThatThrownBy(() -> Csv.standard().read(none))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(none + ": no such file");
    }

    @Test
    void errorsNameFileAndLine() {
        Csv csv = Csv.standard();
        assertRefused(() -> csv.read("", "t"), "t: empty, expected lines of values");
        assertRefused(() -> csv.read("a,b\n", "t"), "t: no line of values after the header, expected at least one");
        assertRefused(() -> csv.read("a,b\n1,2\n\n1,2,3\n", "t"), "t:4: 3 fields, expected 2");
        assertRefused(() -> csv.read("a,\n1,2\n", "t"), "t:1: column 1 has no name");
        assertRefused(() -> csv.read("a,a\n1,2\n", "t"), "t:1: two columns are named a");
        assertThatThrownBy(() -> csv.read("a,b\n1,2\n\"3\"x,4\n", "t"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("t: not a table: ")
                .hasMessageContaining("line 3");
        assertThatThrownBy(() -> csv.read("a,b\n1,2\n\"3,4\n5,6\n", "t"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("t: not a table: ")
                .hasMessageContaining("line 3");
        Table table = csv.read("a\n\"1\n\"\nfour\n", "t");
        assertRefused(() -> table.numbers("a"), "t:4: column a: 'four', expected a number");
        assertRefused(() -> table.numbers("b"), "t: no column b, expected one of [a]");
        assertRefused(() -> table.categories("a", List.of("1")), "t:4: column a: 'four', expected one of [1]");
    }

    @Test
    void textLinesAreStrictUtf8() throws IOException {
        Path file = folder.resolve("lines.txt");
        Files.writeString(file, "one\r\ntwo ü\n\nlast");
        assertThat(TextLines.read(file)).containsExactly("one", "two ü", "", "last");
        Files.write(file, new byte[] {'a', '\n', 'b', '\n', (byte) 0xff, '\n'});
        assertRefused(() -> TextLines.read(file), file + ":3: not UTF-8");
    }
}
