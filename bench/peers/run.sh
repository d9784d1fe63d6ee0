#!/usr/bin/env bash
# Measures existing deep-learning libraries usable from Java, one fresh JVM for each peer and workload.
#
#   ./run.sh                                        every peer, every workload
#   ./run.sh "libtorch tfjava" "gemm mlp-train"     these peers, these workloads (either list may be "all")
#   SECONDS_EACH=20 ./run.sh                        measured seconds of each (default 10), after at least 3 of warm-up
#
# Standard output has the result lines only. The losses, the rate of each window and every complaint of the libraries
# go to target/logs/PEER-WORKLOAD.log.
set -euo pipefail
cd "$(dirname "$0")"

if [ -z "${JAVA_HOME:-}" ] || ! "$JAVA_HOME/bin/java" -version 2>&1 | grep -q 'version "25'; then
  JAVA_HOME=
  for d in /usr/lib/jvm/*25*; do
    [ -x "$d/bin/javac" ] && JAVA_HOME=$d && break
  done
fi
[ -n "$JAVA_HOME" ] || { echo "no JDK 25: set JAVA_HOME" >&2; exit 1; }
export JAVA_HOME

all_peers="libtorch djl tfjava dl4j"
all_workloads="mlp-train cnn-train cnn-train-32 cnn-infer cnn-infer-1 resnet18-train lstm-train gpt-train gpt-infer gemm elementwise"
peers=${1:-all}; workloads=${2:-all}
[ "$peers" = all ] && peers=$all_peers
[ "$workloads" = all ] && workloads=$all_workloads
seconds=${SECONDS_EACH:-10}

build=$PWD/target
mkdir -p "$build/logs"
for p in $peers; do # only what is asked for is fetched and built
  if [ ! -f "$build/built-$p" ] || [ -n "$(find pom.xml common "$p" -path '*/target' -prune -o \( -name '*.java' -o -name pom.xml \) -newer "$build/built-$p" -print -quit)" ]; then
    mvn -q -B package -pl "$p" -am >"$build/logs/build-$p.log" 2>&1 || { cat "$build/logs/build-$p.log" >&2; exit 1; }
    touch "$build/built-$p"
  fi
done

# Two threads everywhere. glibc's malloc keeps freed memory, instead of giving every large tensor back to the kernel and
# faulting the next one in page by page.
export OMP_NUM_THREADS=2 MKL_NUM_THREADS=2
export MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=2000000000 MALLOC_TOP_PAD_=67108864
# OpenBLAS is to choose its kernels by itself: a machine may come with OPENBLAS_CORETYPE set to older ones (Haswell halves
# the speed of gemm on a processor with AVX-512). The OpenBLAS 0.3.19 of Deeplearning4j is older than the newest
# processors and chooses badly for them, so it gets the AVX-512 kernels by name. PEERS_CORETYPE overrides both.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
coretype() { # peer
  if [ -n "${PEERS_CORETYPE:-}" ]; then
    echo "OPENBLAS_CORETYPE=$PEERS_CORETYPE"
  elif [ "$1" = dl4j ] && grep -qw avx512f /proc/cpuinfo; then
    echo "OPENBLAS_CORETYPE=SKYLAKEX"
  fi
}

# OpenBLAS has threads of its own beside OpenMP's, and each kind waits by spinning, so that with two of both the one kind
# keeps the other off the cores (up to 20 times slower than either setting below). So: either OpenMP's threads sleep
# while they wait, and OpenBLAS has two; or OpenMP's spin, and OpenBLAS has one. Each workload gets what measured faster.
# PEERS_BLAS=two or PEERS_BLAS=one overrides that.
threads() { # peer workload
  case ${PEERS_BLAS:-$1/$2} in
    two | libtorch/mlp-train | libtorch/gpt-train | libtorch/gemm | dl4j/*)
      echo "OMP_WAIT_POLICY=PASSIVE OPENBLAS_NUM_THREADS=2" ;;
    *) echo "OPENBLAS_NUM_THREADS=1" ;;
  esac
}

main() { # peer
  case $1 in
    libtorch) echo peers.LibtorchPeer ;;
    djl) echo peers.DjlPeer ;;
    tfjava) echo peers.TfPeer ;;
    dl4j) echo peers.Dl4jPeer ;;
    *) echo "no such peer: $1" >&2; exit 1 ;;
  esac
}

failed=0
for p in $peers; do
  class=$(main "$p")
  # The native libraries are unpacked under target/, apart for each peer, so that none loads another's.
  options="-Xmx2g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    -Dorg.bytedeco.javacpp.cachedir=$build/native/$p -DENGINE_CACHE_DIR=$build/native/$p -DDJL_CACHE_DIR=$build/native/$p
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
  case $p in
    libtorch) options="$options -Dorg.bytedeco.javacpp.nopointergc=true" ;;
    djl) options="$options -Dai.djl.offline=true" ;;
    dl4j)
      extension=-onednn-avx512
      grep -qw avx512f /proc/cpuinfo || extension=-onednn-avx2
      options="$options -Dorg.bytedeco.javacpp.platform.extension=$extension
        -Dorg.bytedeco.javacpp.maxBytes=6g -Dorg.bytedeco.javacpp.maxPhysicalBytes=10g" ;;
  esac
  for w in $workloads; do
    # shellcheck disable=SC2046,SC2086
    env $(coretype "$p") $(threads "$p" "$w") timeout $((seconds + 240)) "$JAVA_HOME/bin/java" $options ${PEERS_JAVA_OPTIONS:-} \
      -cp "$p/target/classes:$(cat "$p/target/classpath.txt")" "$class" "$w" "$seconds" \
      2>"$build/logs/$p-$w.log" | grep '^peer=' || {
        echo "$p $w: no figure: $(grep -m1 -oE 'unsupported: .*|[A-Za-z.]*(Exception|Error): .*' "$build/logs/$p-$w.log" || echo "see target/logs/$p-$w.log")" >&2
        failed=1
      }
  done
done
exit $failed
