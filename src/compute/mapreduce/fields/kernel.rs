// Counts and adds up lines by one of their fields, 16 bytes at a time. It knows nothing but the memory that `field-kernel.ts` lays out:
// a state of 32-bit numbers at `STATE`, the bytes that were read, and the table. Whatever is not plain (a line without the field, quotes,
// a number of another form, a table without room) it leaves to its caller, which goes on behind it or makes room and calls again.
// `node scripts/build/field-kernel.ts` makes `kernel-binary.ts` of it.
#![no_std]
use core::arch::wasm32::*;

const STATE: *mut State = 1024 as *mut State;
const NEWLINE: u8 = 10;
const RETURN: u8 = 13;
const QUOTE: u8 = 34;
const MOST_KEY: usize = 1 << 20;
const NONE: usize = usize::MAX;

/// In the order of the names in `field-kernel.ts`.
#[repr(C)]
struct State {
    /// Where the next line begins, and where the bytes end.
    at: usize,
    filled: usize,
    /// Lines that begin here or behind it are another split's.
    last: usize,
    /// The line that was left to the caller, without its end.
    line_start: usize,
    line_end: usize,
    /// Lines that were counted since the caller set it to 0, and those among them that are no records.
    lines: u32,
    blank: u32,
    key_field: u32,
    /// `u32::MAX` where lines are counted.
    value_field: u32,
    separator: u32,
    /// 0: sum, 1: least, 2: greatest.
    operation: u32,
    is_csv: u32,
    /// Bytes of the longest line that is one.
    most_line: u32,
    count: u32,
    capacity: u32,
    /// One less than there are slots.
    mask: u32,
    arena_used: usize,
    arena_capacity: usize,
    slots: *mut [i32; 2],
    hashes: *mut i32,
    starts: *mut u32,
    numbers: *mut f64,
    arena: *mut u8,
}

const MORE: u32 = 0;
const DONE: u32 = 1;
const FULL: u32 = 2;
const LEFT: u32 = 3;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

/// Works through whole lines from `at` on. @returns why it has stopped
#[no_mangle]
pub unsafe extern "C" fn scan() -> u32 {
    let state = &mut *STATE;
    let separator = u8x16_splat(state.separator as u8);
    let newline = u8x16_splat(NEWLINE);
    let quote = u8x16_splat(QUOTE);
    let is_csv = state.is_csv != 0;
    let (key_field, value_field) = (state.key_field, state.value_field);
    let last_field = if value_field == u32::MAX || value_field < key_field { key_field } else { value_field };
    let filled = state.filled;
    let mut line = state.at;
    loop {
        if line >= state.last {
            state.at = line;
            return DONE;
        }
        let (mut key, mut value) = ((NONE, 0), (NONE, 0));
        let (mut field, mut from) = (0u32, line);
        let mut block = line;
        let mut quotes = false;
        // fields, until the last one that is asked for has ended
        let end = 'line: loop {
            if block >= filled {
                state.at = line;
                return MORE;
            }
            let bytes = v128_load(block as *const v128);
            let ends = u8x16_eq(bytes, newline);
            let newlines = u8x16_bitmask(ends) as u32;
            let mut marks = u8x16_bitmask(v128_or(ends, u8x16_eq(bytes, separator))) as u32;
            if is_csv {
                let found = u8x16_bitmask(u8x16_eq(bytes, quote)) as u32;
                // those in front of the end of the line
                quotes |= found & (newlines.wrapping_sub(1) & !newlines) != 0;
            }
            while marks != 0 {
                let bit = marks.trailing_zeros();
                let mark = block + bit as usize;
                marks &= marks - 1;
                if field == key_field {
                    key = (from, mark);
                }
                if field == value_field {
                    value = (from, mark);
                }
                if newlines & (1 << bit) != 0 {
                    break 'line mark;
                }
                field += 1;
                from = mark + 1;
                if field > last_field {
                    let rest = newlines & !((2u32 << bit) - 1);
                    if rest != 0 {
                        break 'line block + rest.trailing_zeros() as usize;
                    }
                    block += 16;
                    break 'line skip(block, filled, newline, quote, is_csv, &mut quotes);
                }
            }
            block += 16;
        };
        if end >= filled {
            state.at = line;
            return MORE;
        }
        let line_end = if end > line && *((end - 1) as *const u8) == RETURN { end - 1 } else { end };
        let next = end + 1;
        if is_csv && line_end == line {
            state.lines += 1;
            state.blank += 1;
            line = next;
            continue;
        }
        key.1 = if key.1 > line_end { line_end } else { key.1 };
        value.1 = if value.1 > line_end { line_end } else { value.1 };
        let mut number = 1.0;
        let mut is_plain = !quotes && line_end - line <= state.most_line as usize && key.0 != NONE && key.1 - key.0 <= MOST_KEY;
        if is_plain && value_field != u32::MAX {
            is_plain = value.0 != NONE && parse(value.0, value.1, &mut number);
        }
        if !is_plain {
            state.line_start = line;
            state.line_end = line_end;
            state.at = next;
            return LEFT;
        }
        if !put(state, key.0, key.1, number) {
            state.at = line;
            return FULL;
        }
        state.lines += 1;
        line = next;
    }
}

/// Where the next line ends, or a place behind `filled`.
#[inline(always)]
unsafe fn skip(from: usize, filled: usize, newline: v128, quote: v128, is_csv: bool, quotes: &mut bool) -> usize {
    let mut block = from;
    while block < filled {
        let bytes = v128_load(block as *const v128);
        let found = u8x16_bitmask(u8x16_eq(bytes, newline)) as u32;
        if is_csv {
            *quotes |= u8x16_bitmask(u8x16_eq(bytes, quote)) as u32 & (found.wrapping_sub(1) & !found) != 0;
        }
        if found != 0 {
            return block + found.trailing_zeros() as usize;
        }
        block += 16;
    }
    filled
}

/// Puts a value to a key that is anywhere in memory. False where the table has no room for it.
#[no_mangle]
pub unsafe extern "C" fn add(start: usize, end: usize, value: f64) -> u32 {
    put(&mut *STATE, start, end, value) as u32
}

/// Puts all entries into slots that are empty.
#[no_mangle]
pub unsafe extern "C" fn rehash() {
    let state = &mut *STATE;
    for entry in 0..state.count {
        let hash = *state.hashes.add(entry as usize);
        let mut slot = hash as u32 & state.mask;
        while (*state.slots.add(slot as usize))[0] != 0 {
            slot = (slot + 1) & state.mask;
        }
        *state.slots.add(slot as usize) = [entry as i32 + 1, hash];
    }
}

#[inline(always)]
unsafe fn put(state: &mut State, start: usize, end: usize, value: f64) -> bool {
    let hash = hash(start, end);
    let length = end - start;
    let mut slot = hash as u32 & state.mask;
    loop {
        let [entry, found] = *state.slots.add(slot as usize);
        if entry == 0 {
            break;
        }
        let entry = entry as usize - 1;
        if found == hash {
            let at = *state.starts.add(entry) as usize;
            let size = *state.starts.add(entry + 1) as usize - at;
            if size == length && is_same(state.arena.add(at) as usize, start, length) {
                let number = state.numbers.add(entry);
                *number = match state.operation {
                    0 => *number + value,
                    1 => if value < *number { value } else { *number },
                    _ => if value > *number { value } else { *number },
                };
                return true;
            }
        }
        slot = (slot + 1) & state.mask;
    }
    if state.count == state.capacity || state.arena_used + length > state.arena_capacity {
        return false;
    }
    let entry = state.count as usize;
    core::ptr::copy_nonoverlapping(start as *const u8, state.arena.add(state.arena_used), length);
    state.arena_used += length;
    *state.hashes.add(entry) = hash;
    *state.starts.add(entry + 1) = state.arena_used as u32;
    *state.numbers.add(entry) = value;
    *state.slots.add(slot as usize) = [entry as i32 + 1, hash];
    state.count += 1;
    true
}

/// 16 bytes at a time; both have as many behind them that are theirs to read.
#[inline(always)]
unsafe fn is_same(a: usize, b: usize, length: usize) -> bool {
    let mut at = 0;
    while at < length {
        let same = u8x16_bitmask(u8x16_eq(v128_load((a + at) as *const v128), v128_load((b + at) as *const v128))) as u32;
        let left = length - at;
        let wanted = if left >= 16 { 0xffff } else { (1u32 << left) - 1 };
        if same & wanted != wanted {
            return false;
        }
        at += 16;
    }
    true
}

/// As `hashBytes` of `key-table.ts`.
#[inline(always)]
unsafe fn hash(start: usize, end: usize) -> i32 {
    let mut hash = 0x811c9dc5u32;
    let mut at = start;
    while at < end {
        hash = (hash ^ *(at as *const u8) as u32).wrapping_mul(0x01000193);
        at += 1;
    }
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85ebca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2ae35);
    (hash ^ (hash >> 16)) as i32
}

/// A number of at most 15 digits with or without a point, whose nearest double one division gives. False for any other text.
#[inline(always)]
unsafe fn parse(start: usize, end: usize, number: &mut f64) -> bool {
    let is_negative = start < end && *(start as *const u8) == b'-';
    let mut at = if is_negative { start + 1 } else { start };
    let (mut whole, mut digits, mut point) = (0u64, 0u32, NONE);
    while at < end {
        let byte = *(at as *const u8);
        if byte == b'.' && point == NONE {
            point = at;
        } else if byte.wrapping_sub(b'0') < 10 && digits < 15 {
            whole = whole * 10 + (byte - b'0') as u64;
            digits += 1;
        } else {
            return false;
        }
        at += 1;
    }
    if digits == 0 {
        return false;
    }
    let mut scale = 1.0;
    if point != NONE {
        for _ in point + 1..end {
            scale *= 10.0;
        }
    }
    let value = whole as f64 / scale;
    *number = if is_negative { -value } else { value };
    true
}

#[inline(always)]
fn unreachable() -> ! {
    core::arch::wasm32::unreachable()
}
