package fathom.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.data.Image;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.io.StringReader;
import java.util.Base64;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class PicturesTest {
    private static final double[] XS = {1, 2, 3};
    private static final double[] YS = {10, 1000, 0.1};

    static List<Picture> pictures() {
        Plot plot = Plot.of("A < B & \"C\"")
                .x("x")
                .y("y")
                .line("l", XS, YS)
                .points("p", XS, YS)
                .note(2, 3, "here");
        return List.of(
                plot,
                plot.logY(),
                plot.logX().rangeX(0.1, 100).rangeY(-1, 1),
                Plot.of("bars").bars("b", XS, new double[] {1, -2, 3}),
                Plot.of("flat").line("", 5, 5, 5),
                Plot.of("one point").points("", new double[] {0}, new double[] {0}),
                Plot.of("many")
                        .points(
                                "",
                                DoubleStream.iterate(0, v -> v + 1).limit(100).toArray(),
                                new double[100]),
                Heat.of("m", new double[][] {{1, -2}, {0, 4}})
                        .names(List.of("a", "b"), List.of("c", "d"))
                        .numbers(1),
                Heat.of("long names", new double[][] {{1, -2}, {0, 4}}).names(List.of(), List.of("first & last", "d")),
                Heat.of("nothing", new double[2][3]),
                Heat.of("framed", new double[4][4]).frame(0.5, 1, 2, 3.5, "7 & 8", 1),
                Photo.of("a & b", Tensor.zeros(2, 3, 3)),
                Photo.of("", Tensor.zeros(2, 3, 3)).below("a < b").square(5),
                Letters.of("two lines", "a < b\n\nwhile it is so").columns(9).values(new double[21]),
                Letters.of("nothing", ""),
                Diagram.of("d").box("a", 0, 0, "a").box("b", 1, 1, "b", "2").arrow("a", "b", "1"),
                Panels.of("both", 2, plot, plot, plot),
                Animation.of("frames", 0.5, List.of(plot, plot.logY())));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void picturesAreWellFormedAndSayWhatTheyShow(Picture picture) throws Exception {
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(picture.svg())));
        assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo(picture.title());
        assertThat(picture.svg()).doesNotContain("NaN", "Infinity");
        assertThat(picture.width()).isPositive();
        assertThat(picture.height()).isPositive();
    }

    @Test
    void aPictureHasTheSameBytesEachTime() {
        assertThat(pictures().stream().map(Picture::svg))
                .containsExactlyElementsOf(pictures().stream().map(Picture::svg).toList());
    }

    @Test
    void marksAreRoundValues() {
        assertThat(Scale.between(0, 10, false).marks()).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0, 10.0);
        assertThat(Scale.between(0.5, 2000, true).marks()).containsExactly(1.0, 10.0, 100.0, 1000.0);
        Scale fine = Scale.between(-0.1, 0.1, false);
        assertThat(fine.marks().stream().map(fine::label)).contains("-0.05", "0.00", "0.05");
        Scale wide = Scale.between(1e-12, 1, true);
        assertThat(wide.marks().stream().map(wide::label)).contains("1e-12", "1e-6", "1");
    }

    @Test
    void valuesAreWhereTheyBelong() {
        assertThat(Scale.between(0, 10, false).share(2.5)).isEqualTo(0.25);
        assertThat(Scale.between(1, 100, true).share(10)).isEqualTo(0.5);
    }

    @Test
    void aMatrixMayBeATensorOfAnyType() {
        Heat rows = Heat.of("", new double[][] {{0, 1, 2}, {3, 4, 5}});
        assertThat(Heat.of("", Tensor.arange(6).reshape(2, 3))).isEqualTo(rows);
        assertThat(Heat.of("", Tensor.arange(6).reshape(2, 3).cast(DType.F32))).isEqualTo(rows);
    }

    @Test
    void namesOfColumnsRunUpwardsWhereTheyAreLongerThanSquares() {
        List<String> rows = List.of("a");
        Heat heat = Heat.of("", new double[][] {{1, 2}}).square(30);
        Heat across = heat.names(rows, List.of("b", "four"));
        assertThat(across.content()).contains("text-anchor=\"middle\">four<").doesNotContain("rotate");
        Heat upwards = heat.names(rows, List.of("b", "f & e"));
        assertThat(upwards.content())
                .contains("rotate(-90)\" text-anchor=\"end\">b<", "rotate(-90)\" text-anchor=\"end\">f &amp; e<");
        assertThat(upwards.height()).as("with room below").isGreaterThan(across.height());
        assertThat(upwards.width()).isEqualTo(across.width());
        assertThat(upwards.square(38).height()).isEqualTo(across.square(38).height());
    }

    @Test
    void framesAreDrawnAboveImages() {
        Heat image = Heat.of("", new double[][] {{0, 1}, {0, 0}});
        Heat framed = image.frame(0, 0.5, 1, 2, "7", 1);
        assertThat(image.content().split("<rect", -1))
                .as("without squares of 0")
                .hasSize(3);
        assertThat(framed.content().split("<rect", -1)).hasSize(4);
        assertThat(framed.content()).contains("x=\"0\" y=\"40\" width=\"16\" height=\"24\"", ">7<");
    }

    @Test
    void photosAreImagesInColour() {
        Tensor pixels = Tensor.of(new float[] {1, 0, 0, 0, 0.2f, 0.4f, -1, 2, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1});
        Photo photo = Photo.of("", pixels.reshape(2, 3, 3));
        assertThat(photo.content()).contains("data:image/png;base64," + photo.png());
        Image image = Image.decode(Base64.getDecoder().decode(photo.png()), 3, "photo");
        assertThat(image.height()).isEqualTo(2);
        assertThat(image.values()).containsExactly(1, 0, 0, 0, 0.2f, 0.4f, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1);
    }

    @Test
    void linesOfLettersAreBrokenWhereTheyAreTooLong() {
        assertThat(Letters.of("", "abcde\nfg\n").columns(3).content())
                .contains(">abc<", ">de<", ">fg<")
                .doesNotContain(">abcde<");
        assertThat(Letters.of("", "abc\ndef").columns(3).height())
                .isEqualTo(Letters.of("", "a\nb").height());
    }

    @Test
    void whatCannotBeDrawnIsRefused() {
        Stream<Runnable> wrong = Stream.of(
                () -> Plot.of("empty").svg(),
                () -> Plot.of("uneven").line("", XS, new double[] {1}),
                () -> Plot.of("nothing").line(""),
                () -> Plot.of("negative").line("", -1, 1).logY().svg(),
                () -> Plot.of("not a number").line("", 1, Double.NaN).svg(),
                () -> Heat.of("uneven", new double[][] {{1, 2}, {3}}),
                () -> Heat.of("vector", Tensor.arange(3)),
                () -> Heat.of("nothing", Tensor.zeros(0, 3)),
                () -> Heat.of("names", new double[2][2]).names(List.of("one"), List.of()),
                () -> Photo.of("grey", Tensor.zeros(2, 3, 1)),
                () -> Photo.of("large", Tensor.zeros(200, 200, 3)),
                () -> Letters.of("uneven", "ab").values(1),
                () -> Letters.of("negative", "ab").values(1, -1),
                () -> Diagram.of("d").box("a", 0, 0, "a").box("a", 1, 0, "a"),
                () -> Diagram.of("d").box("a", 0, 0, "a").arrow("a", "b", ""),
                () -> Panels.of("none", 2),
                () -> Animation.of("one", 1, List.of(Plot.of(""))));
        wrong.forEach(
                w -> assertThatIllegalArgumentException().isThrownBy(w::run).withMessageContaining("expected"));
    }
}
