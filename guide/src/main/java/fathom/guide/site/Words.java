package fathom.guide.site;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Properties;

/// What stands on the pages beside the texts, in one language; English where that language has no such
/// word yet.
record Words(String language, Properties words) {
    static Words of(String language) {
        Properties english = read("en", new Properties());
        return new Words(language, language.equals("en") ? english : read(language, english));
    }

    private static Properties read(String language, Properties otherwise) {
        Properties words = new Properties(otherwise);
        try (var in = Words.class.getResourceAsStream("words." + language + ".properties")) {
            if (in != null) {
                words.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return words;
    }

    /// A word or a sentence.
    String get(String key) {
        String word = words.getProperty(key);
        if (word == null) {
            throw new IllegalArgumentException("words: no " + key + " in English");
        }
        return word;
    }

    /// How the language calls itself.
    static String name(String language) {
        Locale locale = Locale.forLanguageTag(language);
        return locale.getDisplayLanguage(locale);
    }
}
