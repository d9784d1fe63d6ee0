/// Runs Maven on the JDK that runs this program:
/// `java MavenOnThisJdk.java MAVEN_HOME offline=true|false ARGUMENT...`.
///
/// The formatter parses sources with the parser of the JDK it runs on, so it needs a Maven on Java 25
/// even where Maven itself was started on an older one.
void main(String... args) throws IOException, InterruptedException {
    var windows = System.getProperty("os.name").startsWith("Windows");
    var command = new ArrayList<String>();
    command.add(Path.of(args[0], "bin", windows ? "mvn.cmd" : "mvn").toString());
    if (args[1].equals("offline=true")) {
        command.add("--offline");
    }
    command.addAll(List.of(args).subList(2, args.length));
    var maven = new ProcessBuilder(command).inheritIO();
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // An older Maven's libraries use Unsafe, about which a new JDK warns.
    maven.environment().merge("MAVEN_OPTS", "--sun-misc-unsafe-memory-access=allow", (a, b) -> a + " " + b);
    System.exit(maven.start().waitFor());
}
