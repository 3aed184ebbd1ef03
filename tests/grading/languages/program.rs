// SPDX-License-Identifier: LGPL-2.1-or-later
use std::io::Read;
use std::thread;

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut words = text.split_whitespace();
    let word = words.next().unwrap_or("");
    let mut sum: i64 = words.filter_map(|w| w.parse::<i64>().ok()).sum();
    let mut much: Vec<Vec<u8>> = Vec::new();
    while word == "hog" {
        much.push(vec![1; 1 << 20]);
    }
    if word == "tasks" {
        let threads: Vec<_> = (0..8).map(|i| thread::spawn(move || 2 * i)).collect();
        sum = threads.into_iter().map(|t| t.join().unwrap()).sum();
    }
    println!("{}", sum);
}
