package fathom.parity.tokens;

import fathom.parity.tokens.TokenizerText.Learnt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Vocabularies of published models in a form that has tokens and their ranks, but no merges, which
/// follow from them.
final class Tiktoken {
    private Tiktoken() {}

    /// @param name such as `r50k_base`, which is GPT-2's
    static Learnt read(String name) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        List<String> letters = TokenizerText.byteLetters();
        try (InputStream in = com.knuddels.jtokkit.Encodings.class.getResourceAsStream(
                        "/com/knuddels/jtokkit/" + name + ".tiktoken");
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(Objects.requireNonNull(in, name), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" ");
                StringBuilder token = new StringBuilder();
                for (byte b : Base64.getDecoder().decode(parts[0])) {
                    token.append(letters.get(b & 0xff));
                }
                ids.put(token.toString(), Integer.valueOf(parts[1]));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<List<String>> merges = new ArrayList<>();
        ids.entrySet().stream()
                .filter(e -> e.getKey().length() > 1)
                .sorted(Map.Entry.comparingByValue())
                .forEach(e -> merges.add(lastMerge(ids, e.getKey(), e.getValue())));
        return new Learnt(ids, merges);
    }

    /// The two parts that a token is made of at last: what is left of it when only tokens before it are
    /// merged.
    private static List<String> lastMerge(Map<String, Integer> ids, String token, int rank) {
        List<String> parts =
                new ArrayList<>(token.chars().mapToObj(Character::toString).toList());
        while (parts.size() > 2) {
            int best = rank;
            int place = -1;
            for (int i = 0; i + 1 < parts.size(); i++) {
                int merged = ids.getOrDefault(parts.get(i) + parts.get(i + 1), Integer.MAX_VALUE);
                if (merged < best) {
                    best = merged;
                    place = i;
                }
            }
            if (place < 0) {
                throw new IllegalStateException(token + " cannot be made of tokens before it");
            }
            parts.set(place, parts.get(place) + parts.remove(place + 1));
        }
        return parts;
    }
}
