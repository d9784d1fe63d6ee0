# The fathom command on Windows: finds a JDK, builds when there is no build or the sources are newer, and runs.
# The twin of the script "fathom", which explains the parts.
$ErrorActionPreference = 'Stop'
$required = 25
$modules = 'core', 'nn', 'data', 'io', 'models', 'guide', 'cli'
$main = 'fathom.cli/fathom.cli.Main'
$rehearsal = 'bench', 'cnn-train', '--seconds', '2', '--threads', '1'
$root = $PSScriptRoot
$state = Join-Path $root 'target\launcher'

function Say($text) { [Console]::Error.WriteLine("fathom: $text") }

# The feature version of the JDK in a folder; 0 if no JDK with a compiler is there.
function Get-JdkVersion($folder) {
    if (-not $folder) { return 0 }
    foreach ($file in 'bin\java.exe', 'bin\javac.exe', 'release') {
        if (-not (Test-Path -LiteralPath (Join-Path $folder $file))) { return 0 }
    }
    $release = Get-Content -LiteralPath (Join-Path $folder 'release') -Raw
    if ($release -match 'JAVA_VERSION="?(\d+)') { return [int]$Matches[1] }
    return 0
}

function Find-Jdk {
    if ((Get-JdkVersion $env:JAVA_HOME) -ge $required) { return $env:JAVA_HOME }
    $java = Get-Command java.exe -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($java) {
        $folder = Split-Path (Split-Path $java.Source)
        if ((Get-JdkVersion $folder) -ge $required) { return $folder }
    }
    $homes = foreach ($vendor in 'Java', 'Eclipse Adoptium', 'Microsoft', 'Zulu', 'Amazon Corretto', 'BellSoft', 'OpenJDK') {
        if ($env:ProgramFiles) { Join-Path $env:ProgramFiles "$vendor\*" }
    }
    $homes = @($homes) + (Join-Path $env:USERPROFILE '.jdks\*') + (Join-Path $env:USERPROFILE '.sdkman\candidates\java\*')
    Get-Item $homes -ErrorAction SilentlyContinue |
        Where-Object { (Get-JdkVersion $_.FullName) -ge $required } |
        Sort-Object { Get-JdkVersion $_.FullName } -Descending |
        Select-Object -First 1 -ExpandProperty FullName
}

# The folder of the jars of the last build; nothing if there is none or a source is newer.
function Get-App {
    $pointer = Join-Path $state 'app'
    $built = Join-Path $state 'built'
    if (-not ((Test-Path -LiteralPath $pointer) -and (Test-Path -LiteralPath $built))) { return }
    $app = Join-Path $state (Get-Content -LiteralPath $pointer -TotalCount 1)
    if (-not (Test-Path -LiteralPath $app)) { return }
    $time = (Get-Item -LiteralPath $built).LastWriteTimeUtc
    $inputs = @(Join-Path $root 'pom.xml')
    foreach ($module in $modules) { $inputs += (Join-Path $root "$module\pom.xml"), (Join-Path $root "$module\src\main") }
    $inputs += (Join-Path $root 'guide\chapters'), (Join-Path $root 'guide\glossary.csv')
    $newer = Get-Item -LiteralPath $inputs | ForEach-Object { $_; if ($_.PSIsContainer) { Get-ChildItem -LiteralPath $_.FullName -Recurse } } |
        Where-Object { $_.LastWriteTimeUtc -gt $time } | Select-Object -First 1
    if (-not $newer) { return $app }
}

# Runs a program with its output in a file and returns its exit code.
function Invoke-Logged($log, $program, $arguments) {
    $ErrorActionPreference = 'Continue'
    & $program @arguments 2>&1 | ForEach-Object { "$_" } | Set-Content -LiteralPath $log
    return $LASTEXITCODE
}

function Build-App($jdk) {
    $log = Join-Path $state 'build.log'
    if (-not (Get-Command mvn -ErrorAction SilentlyContinue)) {
        Say 'Maven (mvn, 3.8 or newer) is needed to build: install it and run this again'
        exit 1
    }
    $why = if (Test-Path -LiteralPath (Join-Path $state 'app')) { 'sources changed' } else { 'first use' }
    Say "building ($why) ..."
    $begin = [DateTime]::UtcNow
    $env:JAVA_HOME = $jdk
    Remove-Item -Recurse -Force -Path (Join-Path $root 'cli\target\launcher\lib'), (Join-Path $root 'cli\target\launcher\*.jar') -ErrorAction SilentlyContinue
    $code = Invoke-Logged $log 'mvn' @('-q', '-B', '-ntp', '-f', (Join-Path $root 'pom.xml'), '-Dbuild.folder=target/launcher', '-Dcompile.checks=-proc:none', '-Dmaven.test.skip=true', '-pl', 'cli', '-am', 'package')
    if ($code -ne 0) {
        Get-Content -LiteralPath $log -Tail 40 | ForEach-Object { [Console]::Error.WriteLine($_) }
        Say "the build failed; its whole log is in $log"
        exit 1
    }
    $name = 'app-{0:yyyyMMddHHmmss}-{1}' -f $begin, $PID
    $app = Join-Path $state $name
    New-Item -ItemType Directory -Path $app | Out-Null
    Copy-Item -Path (Join-Path $root 'cli\target\launcher\lib\*.jar'), (Join-Path $root 'cli\target\launcher\fathom-cli-*.jar') -Destination $app
    Set-Content -LiteralPath (Join-Path $state 'app') -Value $name
    $built = Join-Path $state 'built'
    Set-Content -LiteralPath $built -Value ''
    (Get-Item -LiteralPath $built).LastWriteTimeUtc = $begin
    # Those in use cannot be removed here, and stay until a later build.
    Get-ChildItem -Path (Join-Path $state 'app-*') | Where-Object { $_.Name -ne $name } |
        Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
}

# Makes the start-up cache. Whatever goes wrong here costs only the quick start.
function New-Cache($java, $app, $identity) {
    $log = Join-Path $state 'rehearsal.log'
    $cache = Join-Path $app 'fathom.jsa'
    Remove-Item -LiteralPath $cache -ErrorAction SilentlyContinue
    Say 'preparing a quick start (once) ...'
    $code = Invoke-Logged $log $java ($flags + @("-XX:ArchiveClassesAtExit=$cache", '--module-path', $app, '-m', $main) + $rehearsal)
    if ($code -ne 0 -or -not (Test-Path -LiteralPath $cache)) {
        Remove-Item -LiteralPath $cache -ErrorAction SilentlyContinue
        Say "no quick start (the reason is in $log); everything else works"
    }
    Set-Content -LiteralPath (Join-Path $app 'rehearsed') -Value $identity -NoNewline
}

$jdk = Find-Jdk
if (-not $jdk) {
    Say "no JDK $required or newer was found (looked at JAVA_HOME, java on the PATH and the usual folders)
  install one, for example
    winget install EclipseAdoptium.Temurin.$required.JDK
  or set JAVA_HOME to the folder of one"
    exit 1
}
$java = Join-Path $jdk 'bin\java.exe'
# The cache fits this JDK and jars in this place: a working copy that was moved makes another one.
$identity = "$root`n$jdk`n" + (Get-Content -LiteralPath (Join-Path $jdk 'release') -Raw)
$options = @("$env:FATHOM_JAVA_OPTIONS" -split ' ' | Where-Object { $_ })
$flags = @('-XX:-UsePerfData', '-Djava.awt.headless=true', '-XX:-UseFPUForSpilling', '-XX:Tier3DelayOn=1000',
    '-XX:Tier4BackEdgeThreshold=400000')
if (-not ($options -match '^-XX:\+Use.*GC$')) {
    $flags += '-XX:+UseSerialGC', '-XX:PretenureSizeThreshold=1m'
    if (-not ($options -match '^-Xm[nsx]')) {
        $flags += '-Xmn24m', '-Xms160m', '-XX:MinHeapFreeRatio=82', '-XX:MaxHeapFreeRatio=95'
    }
}

function Test-Rehearsed($app) {
    $file = Join-Path $app 'rehearsed'
    ($env:FATHOM_AOT -eq 'off') -or ((Test-Path -LiteralPath $file) -and ((Get-Content -LiteralPath $file -Raw) -eq $identity))
}

$app = Get-App
if (-not $app -or -not (Test-Rehearsed $app)) {
    # One launcher builds at a time: the file can be open in one process only.
    New-Item -ItemType Directory -Force -Path $state | Out-Null
    $lock = $null
    while (-not $lock) {
        try { $lock = [IO.File]::Open((Join-Path $state 'lock'), 'OpenOrCreate', 'ReadWrite', 'None') }
        catch [IO.IOException] { Start-Sleep -Milliseconds 200 }
    }
    try {
        $app = Get-App
        if (-not $app) {
            Build-App $jdk
            $app = Join-Path $state (Get-Content -LiteralPath (Join-Path $state 'app') -TotalCount 1)
        }
        if (-not (Test-Rehearsed $app)) { New-Cache $java $app $identity }
    }
    finally { $lock.Dispose() }
}

$cache = Join-Path $app 'fathom.jsa'
if (($env:FATHOM_AOT -ne 'off') -and (Test-Path -LiteralPath $cache)) {
    $flags += "-XX:SharedArchiveFile=$cache", '-Xlog:aot*=off', '-Xlog:cds*=off'
}
& $java @flags @options --module-path $app -m $main @args
exit $LASTEXITCODE
