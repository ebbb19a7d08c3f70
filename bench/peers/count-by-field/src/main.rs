// Lines of a file counted by a field between spaces: `count-by-field <file> <threads> <field> <output>`. Ranges of bytes are taken from a
// shared counter, each thread reads its own into one buffer and counts into a table of its own, and the tables are put together.
// Writes `count<tab>key` a line, in order of the keys, and prints the milliseconds that it took and its peak memory in MiB as JSON.
use hashbrown::HashMap;
use memchr::{memchr, memchr_iter};
use rustc_hash::FxBuildHasher;
use std::env::args;
use std::fs::{read_to_string, File};
use std::io::{BufWriter, Result, Write};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::scope;
use std::time::Instant;

type Counts = HashMap<Box<[u8]>, u64, FxBuildHasher>;

const SPLIT_BYTES: u64 = 32 << 20;
const BUFFER_BYTES: usize = 1 << 20;

fn main() -> Result<()> {
    let args: Vec<String> = args().collect();
    let started = Instant::now();
    let file = File::open(&args[1])?;
    let threads: usize = args[2].parse().expect("a number of threads");
    let field: usize = args[3].parse().expect("the number of a field");
    let size = file.metadata()?.len();
    let next = AtomicU64::new(0);
    let tables: Vec<Counts> = scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| count_splits(&file, size, field, &next)))
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a thread that ends")).collect::<Result<_>>()
    })?;
    let counts = merge(tables);
    write(&args[4], &counts)?;
    println!("{{\"wallMs\":{},\"peakMb\":{}}}", started.elapsed().as_millis(), peak_mb());
    Ok(())
}

fn count_splits(file: &File, size: u64, field: usize, next: &AtomicU64) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut buffer = vec![0u8; BUFFER_BYTES];
    loop {
        let start = next.fetch_add(1, Ordering::Relaxed) * SPLIT_BYTES;
        if start >= size {
            return Ok(counts);
        }
        count_split(file, start, (start + SPLIT_BYTES).min(size), field, &mut buffer, &mut counts)?;
    }
}

/// Counts the lines that begin in the range; the last one may end behind it.
fn count_split(file: &File, start: u64, end: u64, field: usize, buffer: &mut Vec<u8>, counts: &mut Counts) -> Result<()> {
    // From one byte earlier: a line begins at `start` only if the byte in front of it ends another one.
    let mut position = start.saturating_sub(1);
    let mut skipping = start > 0;
    let mut held = 0;
    loop {
        if held == buffer.len() {
            buffer.resize(held * 2, 0);
        }
        let read = file.read_at(&mut buffer[held..], position + held as u64)?;
        let filled = held + read;
        let mut line = 0;
        while let Some(length) = memchr(b'\n', &buffer[line..filled]) {
            if skipping {
                skipping = false;
            } else {
                if position + line as u64 >= end {
                    return Ok(());
                }
                count_line(&buffer[line..line + length], field, counts);
            }
            line += length + 1;
        }
        if read == 0 {
            if line < filled && !skipping && position + (line as u64) < end {
                count_line(&buffer[line..filled], field, counts);
            }
            return Ok(());
        }
        buffer.copy_within(line..filled, 0);
        held = filled - line;
        position += line as u64;
        if !skipping && position >= end {
            return Ok(());
        }
    }
}

fn count_line(line: &[u8], field: usize, counts: &mut Counts) {
    let mut from = 0;
    let mut spaces = memchr_iter(b' ', line);
    for _ in 0..field {
        match spaces.next() {
            Some(space) => from = space + 1,
            None => return,
        }
    }
    let to = spaces.next().unwrap_or(line.len());
    *counts.entry_ref(&line[from..to]).or_insert(0) += 1;
}

fn merge(tables: Vec<Counts>) -> Counts {
    let mut tables = tables.into_iter();
    let mut all = tables.next().unwrap_or_default();
    for table in tables {
        for (key, count) in table {
            *all.entry(key).or_insert(0) += count;
        }
    }
    all
}

fn write(path: &str, counts: &Counts) -> Result<()> {
    let mut entries: Vec<_> = counts.iter().collect();
    entries.sort_unstable();
    let mut output = BufWriter::new(File::create(path)?);
    for (key, count) in entries {
        write!(output, "{count}\t")?;
        output.write_all(key)?;
        output.write_all(b"\n")?;
    }
    output.flush()
}

fn peak_mb() -> u64 {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    kilobytes / 1024
}
