package fathom.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The small data sets that this module carries, besides [Mnist] and [SpokenDigits].
///
/// Each file's SHA-256 is checked when it is read: a missing or damaged one is an
/// `IllegalStateException`. A notice beside the files has licences and sources; [#cards] has them
/// as values.
public final class DataSets {
    private static final Carried IRIS =
            new Carried("tabular/iris.csv", "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449");
    private static final Carried BREAST_CANCER = new Carried(
            "tabular/breast_cancer_wisconsin.csv", "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed");
    private static final Carried CALIFORNIA_HOUSING = new Carried(
            "tabular/california_housing.csv.gz", "05306500dcb3bff4f27867a37b0ccc6896f92d390cc1ffdc4d0abbb996b70191");
    private static final Carried BEIJING = new Carried(
            "beijing/beijing_pm25.csv.gz", "933f2a7f0faeac32891a2484a62b4b6aa1d3594b7818bc6402ea1352051f271e");
    private static final Carried SHAKESPEARE = new Carried(
            "tinyshakespeare/input.txt", "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed");
    private static final Carried SMS =
            new Carried("smsspam/sms-spam.tsv", "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d");
    private static final SequencedMap<String, String> SURNAMES = new TreeMap<>(Map.ofEntries(
            Map.entry("Arabic", "6f424a8dbe51cbbbabab7a57d38b617210125e4e3991f3c657cb79b8f104bafc"),
            Map.entry("Chinese", "09ba8f1f7e38dbc99372d461b26ad4433b811fc6bfa6a3ecca6fe11a9a777465"),
            Map.entry("Czech", "e17ab0ec47616a72c39cb85c783f70c3663ab64488721e5d8378f146d2226be7"),
            Map.entry("Dutch", "924f32b635170eae561f84538632138fc07d4c8bbd70ba3fb980de1ecc4d2af3"),
            Map.entry("English", "9cca037066d3d5989e24bc01801416162de506b5e28e15b7c092a47905d29bf2"),
            Map.entry("French", "81e65b36c60ed5b89a17422f6edcadbb89546f38ad69e960e64e7ba682012a95"),
            Map.entry("German", "7449cd590b97a733e18d613a4155decd77ec35dc5f8aadd7a82204dce4f051db"),
            Map.entry("Greek", "3555b5186de7f401e6d991b088e9e644ca3099116477818c25ab5793801389e6"),
            Map.entry("Irish", "cf8c7013256252a88d2503127b87282a11f21b2ff6db1bded68834c19a1ec058"),
            Map.entry("Italian", "f88414c27d0606a11a678b4859277828c2565d6cc4d9ee932deef6e94f3b35e4"),
            Map.entry("Japanese", "e0e717e114fec3e7eade4d9dabe0067c475f43147e36a22b47902ee76ad9e67f"),
            Map.entry("Korean", "cd54221ccb362a6cba4c78828838cf3268a0e59744767a37cf6ec4b74036b136"),
            Map.entry("Polish", "45bab898af2f60ed3a728bbf6980e28821011a7caa53227553b5785903a40826"),
            Map.entry("Portuguese", "50a8735f41f4f73757c8ce5b16cb0275cd86b2b214bcbc8c9805f508cb131c53"),
            Map.entry("Russian", "0cfe53ac18041e8f63666aa77313e0a3ff378facb132abee052d8ebdc8c3d62c"),
            Map.entry("Scottish", "78d0252711d87d948ea86fe34826c51d2d794a8e52d15b5d6f7b6244d45d62dd"),
            Map.entry("Spanish", "1bcb462ed3316756a85781d68232bddae04498fdddd5d9219c53fd1fbdeba7a7"),
            Map.entry("Vietnamese", "f3f9e4164ab47601178a6e45b216464a64122f49d05541f24bf18a757253281d")));

    private static final List<String> FLOWER_MEASURES =
            List.of("sepal length", "sepal width", "petal length", "petal width");
    private static final List<String> NUCLEUS_MEASURES = List.of(
            "radius",
            "texture",
            "perimeter",
            "area",
            "smoothness",
            "compactness",
            "concavity",
            "concave points",
            "symmetry",
            "fractal dimension");

    private DataSets() {}

    /// 150 flowers, their species, and four measures of each in centimetres. R. A. Fisher 1936.
    public static LabelledTable iris() {
        return labelled(IRIS, FLOWER_MEASURES);
    }

    /// 569 tumours, malignant or benign, and of ten measures of the nuclei of their cells the mean,
    /// the standard error and the worst. W. N. Street, W. H. Wolberg, O. L. Mangasarian 1993.
    public static LabelledTable breastCancer() {
        List<String> features = new ArrayList<>();
        for (String statistic : List.of("mean ", "error of ", "worst ")) {
            NUCLEUS_MEASURES.forEach(measure -> features.add(statistic + measure));
        }
        return labelled(BREAST_CANCER, features);
    }

    /// A table whose first line says how many rows and features there are, and the classes' names.
    private static LabelledTable labelled(Carried file, List<String> features) {
        String text = text(file);
        int end = text.indexOf('\n');
        List<String> head = List.of(text.substring(0, end).strip().split(","));
        Table table = Csv.standard().withoutHeader().read(text.substring(end + 1), file.file());
        List<String> classes = head.subList(2, head.size());
        String label = String.valueOf(features.size());
        return new LabelledTable(table.classification(label), features, classes);
    }

    /// 20,640 districts of California in 1990: the column `median_house_value` in dollars is to be
    /// predicted, `ocean_proximity` is categorical, and 207 rows lack `total_bedrooms`. R. K. Pace, R.
    /// Barry 1997.
    public static Table californiaHousing() {
        return table(CALIFORNIA_HOUSING);
    }

    /// Fine dust in Beijing (`pm2.5`, µg/m³) and the weather, 43,824 hours from 2010 to 2014; 2,067 of
    /// them lack the dust. S. X. Chen, 2015.
    public static Table beijingPm25() {
        return table(BEIJING);
    }

    private static Table table(Carried file) {
        return Csv.standard().read(text(file), file.file());
    }

    /// Passages of Shakespeare's plays: 1,115,394 characters, 65 of them distinct. A. Karpathy 2015.
    public static String tinyShakespeare() {
        return text(SHAKESPEARE);
    }

    private static String text(Carried file) {
        return new String(file.unzipped(), StandardCharsets.UTF_8);
    }

    /// 20,050 surnames in 18 languages, some more than once. S. Robertson 2017.
    public static LabelledTexts surnames() {
        List<String> names = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<String> languages = List.copyOf(SURNAMES.keySet());
        SURNAMES.forEach((language, sha256) -> {
            Carried file = new Carried("surnames/" + language + ".txt", sha256);
            for (String name : TextLines.of(file.bytes(), file.file())) {
                names.add(name.strip());
                labels.add(languages.indexOf(language));
            }
        });
        return new LabelledTexts(names, ints(labels), languages);
    }

    /// 5,574 short messages, of class `ham` (0) or `spam` (1); some come more than once, so take the
    /// distinct ones before splitting. T. A. Almeida, J. M. Gómez Hidalgo, A. Yamakami 2011.
    public static LabelledTexts smsSpam() {
        List<String> classes = List.of("ham", "spam");
        List<String> texts = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (String line : TextLines.of(SMS.bytes(), SMS.file())) {
            int tab = line.indexOf('\t');
            labels.add(classes.indexOf(line.substring(0, tab)));
            texts.add(line.substring(tab + 1));
        }
        return new LabelledTexts(texts, ints(labels), classes);
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(i -> i).toArray();
    }

    /// What to know about each data set in this module.
    public static List<DataCard> cards() {
        return List.of(
                new DataCard(
                        "MNIST",
                        "70,000 images of handwritten digits",
                        "CC BY-SA 3.0",
                        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document"
                                + " recognition. Proceedings of the IEEE 86 (11), 1998"),
                new DataCard(
                        "Iris",
                        "150 flowers of three species",
                        "CC BY 4.0",
                        "R. A. Fisher: The use of multiple measurements in taxonomic problems. Annals of Eugenics 7"
                                + " (2), 1936"),
                new DataCard(
                        "Breast Cancer Wisconsin (Diagnostic)",
                        "569 tumours, malignant or benign",
                        "CC BY 4.0",
                        "W. N. Street, W. H. Wolberg, O. L. Mangasarian: Nuclear feature extraction for breast tumor"
                                + " diagnosis. IS&T/SPIE Symposium on Electronic Imaging, 1993"),
                new DataCard(
                        "California housing",
                        "20,640 districts and the value of their houses",
                        "Apache 2.0; census data in the public domain",
                        "R. K. Pace, R. Barry: Sparse spatial autoregressions. Statistics & Probability Letters 33"
                                + " (3), 1997"),
                new DataCard(
                        "Beijing PM2.5",
                        "43,824 hours of fine dust and weather",
                        "CC BY 4.0",
                        "X. Liang et al.: Assessing Beijing's PM2.5 pollution. Proceedings of the Royal Society A 471,"
                                + " 2015"),
                new DataCard(
                        "Tiny Shakespeare",
                        "1,115,394 characters of plays",
                        "public domain",
                        "A. Karpathy: The unreasonable effectiveness of recurrent neural networks, 2015"),
                new DataCard(
                        "Surnames by language",
                        "20,050 surnames in 18 languages",
                        "MIT",
                        "S. Robertson: Practical PyTorch, 2017"),
                new DataCard(
                        "SMS Spam Collection",
                        "5,574 short messages, 747 of them spam",
                        "CC BY 4.0",
                        "T. A. Almeida, J. M. Gómez Hidalgo, A. Yamakami: Contributions to the study of SMS spam"
                                + " filtering. ACM Symposium on Document Engineering, 2011"),
                new DataCard(
                        "Free Spoken Digit Dataset, a part",
                        "1,200 recordings of spoken digits",
                        "CC BY-SA 4.0",
                        "Z. Jackson et al.: Free Spoken Digit Dataset v1.0.8. Zenodo, 2018,"
                                + " doi:10.5281/zenodo.1342401"));
    }
}
