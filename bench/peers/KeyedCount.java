// Counts the records of a topic by their keys with Kafka Streams, in RocksDB with a changelog: `KeyedCount.java <broker> <records> <guarantee> <folder>`.
// The answer is one line of JSON: milliseconds from the first record to the last commit, those of the processor, and the digest of the counts.

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;

public class KeyedCount {
  public static void main(String[] args) throws Exception {
    long records = Long.parseLong(args[1]);
    Properties settings = new Properties();
    settings.put("application.id", "count-" + UUID.randomUUID());
    settings.put("bootstrap.servers", args[0]);
    settings.put("processing.guarantee", args[2]);
    settings.put("state.dir", args[3]);
    settings.put("replication.factor", "1");
    settings.put("auto.offset.reset", "earliest");
    AtomicLong seen = new AtomicLong();
    AtomicLong startedAt = new AtomicLong();
    AtomicLong startedCpu = new AtomicLong();
    CountDownLatch all = new CountDownLatch(1);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("events", Consumed.with(Serdes.String(), Serdes.ByteArray()))
        .peek((key, value) -> {
          long place = seen.incrementAndGet();
          if (place == 1) {
            startedAt.set(System.nanoTime());
            startedCpu.set(cpuNanos());
          }
          if (place == records) all.countDown();
        })
        .groupByKey(Grouped.with(Serdes.String(), Serdes.ByteArray()))
        .count(Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("counts"));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.start();
    all.await();
    // the thread is still in the last record: its count is there with the commit that `close` makes or finds made
    Thread.sleep(200);
    long waited = 200_000_000L;
    long readAt = System.nanoTime();
    long readCpu = cpuNanos();
    ArrayList<String> lines = new ArrayList<>();
    long sum = 0;
    var store = streams.store(StoreQueryParameters.fromNameAndType("counts", QueryableStoreTypes.<String, Long>keyValueStore()));
    try (var entries = store.all()) {
      while (entries.hasNext()) {
        var entry = entries.next();
        lines.add(entry.key + " " + entry.value);
        sum += entry.value;
      }
    }
    long waitedReading = System.nanoTime() - readAt;
    long cpuReading = cpuNanos() - readCpu;
    streams.close();
    double ms = (System.nanoTime() - startedAt.get() - waited - waitedReading) / 1e6;
    double cpuMs = (cpuNanos() - startedCpu.get() - cpuReading) / 1e6;
    Collections.sort(lines);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    System.out.println("{\"ms\":" + ms + ",\"cpuMs\":" + cpuMs + ",\"records\":" + sum + ",\"digest\":\"" + HexFormat.of().formatHex(digest) + "\"}");
    System.exit(0);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }
}
