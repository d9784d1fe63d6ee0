import module jdk.jshell;

/// Evaluates cells as a Java kernel does: each as a whole, piece by piece.
///
/// The arguments are the options of the virtual machine and compiler, `--`, and the files of the cells.
void main(String[] args) throws IOException {
    int end = List.of(args).indexOf("--");
    String[] options = Arrays.copyOf(args, end);
    try (JShell shell = JShell.builder()
            .compilerOptions(options)
            .remoteVMOptions(options)
            .out(System.out)
            .err(System.err)
            .build()) {
        for (String cell : List.of(args).subList(end + 1, args.length)) {
            evaluate(shell, Files.readString(Path.of(cell)));
        }
    }
}

void evaluate(JShell shell, String cell) {
    String left = cell;
    while (!left.isBlank()) {
        var piece = shell.sourceCodeAnalysis().analyzeCompletion(left);
        for (SnippetEvent event : shell.eval(piece.source())) {
            boolean fine = event.status() == Snippet.Status.VALID
                    || event.status() == Snippet.Status.RECOVERABLE_DEFINED
                    || event.status() == Snippet.Status.RECOVERABLE_NOT_DEFINED
                    || event.status() == Snippet.Status.OVERWRITTEN;
            if (!fine || event.exception() != null) {
                shell.diagnostics(event.snippet()).forEach(d -> IO.println(d.getMessage(Locale.ROOT)));
                IO.println(event);
                System.exit(1);
            }
        }
        left = piece.remaining();
    }
}
