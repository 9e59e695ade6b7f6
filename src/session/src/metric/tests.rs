use super::{
    AVERAGE_WINDOW, Average, AverageTotal, Counter, Latest, Metric, Peak, Rate, RateTotal,
};
use alloc::vec::Vec;
use base::{Duration, Instant, Rng};

fn at(millis: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}

fn average(averages: &[&Average]) -> AverageTotal {
    let mut total = AverageTotal::default();
    for average in averages {
        average.fold_into(&mut total, Instant::ZERO);
    }
    total
}

fn total(rates: &[Rate], millis: u64) -> RateTotal {
    let mut total = RateTotal::default();
    for rate in rates {
        rate.fold_into(&mut total, at(millis));
    }
    total
}

#[test]
fn a_rate_fades_over_the_second_after_the_events() {
    let workers = [Rate::default()];
    workers[0].add(at(5_200), 10, workers.iter());
    assert_eq!(total(&workers, 5_900).per_second, 10);
    assert_eq!(total(&workers, 6_000).per_second, 10);
    assert_eq!(total(&workers, 6_500).per_second, 5);
    assert_eq!(total(&workers, 7_000).per_second, 0);
    assert_eq!(total(&workers, 7_000).highest(), 10);
}

#[test]
fn a_second_without_events_is_forgotten_at_the_next_event() {
    let workers = [Rate::default()];
    workers[0].add(at(1_000), 100, workers.iter());
    workers[0].add(at(3_000), 1, workers.iter());
    assert_eq!(total(&workers, 3_000).per_second, 1);
    assert_eq!(total(&workers, 3_000).highest(), 100);
}

#[test]
fn the_highest_rate_is_that_of_all_workers_in_one_second() {
    let workers = [Rate::default(), Rate::default(), Rate::default()];
    // Each has its best second, but only the first two have theirs together.
    workers[0].add(at(1_100), 5, workers.iter());
    workers[1].add(at(1_900), 7, workers.iter());
    assert_eq!(total(&workers, 1_900).highest(), 12, "nobody has seen it");
    workers[2].add(at(60_000), 9, workers.iter());
    assert_eq!(total(&workers, 90_000).highest(), 12, "it is over");
    workers[1].add(at(61_000), 1, workers.iter());
    workers[0].add(at(62_000), 1, workers.iter());
    assert_eq!(total(&workers, 90_000).highest(), 12, "it is long over");
}

/// What HAProxy counts, one counter for all: the events of this second, and of the last one as far as
/// it is less than a second ago.
fn sliding(events: &[(u64, u64)], millis: u64) -> u64 {
    let of = |second: u64| -> u64 {
        let inside = events
            .iter()
            .filter(|(at, _)| at / 1000 == second && *at <= millis);
        inside.map(|(_, count)| count).sum()
    };
    let last = (millis / 1000).checked_sub(1).map_or(0, of);
    of(millis / 1000) + last * (1000 - millis % 1000) / 1000
}

#[test]
fn one_worker_measures_what_the_model_says_and_several_no_more() {
    let mut rng = Rng::new([3; 32]);
    for _ in 0..300 {
        let workers = [Rate::default(), Rate::default(), Rate::default()];
        let count = 1 + rng.below(workers.len() as u64) as usize;
        let workers = &workers[..count];
        let mut events: Vec<(u64, u64)> = Vec::new();
        let (mut now, mut model, mut busiest) = (0, 0, 0);
        for _ in 0..40 {
            now += rng.below(700) * rng.below(4);
            let (who, how_many) = (rng.below(count as u64), 1 + rng.below(5));
            workers[who as usize].add(at(now), how_many, workers.iter());
            events.push((now, how_many));
            model = model.max(sliding(&events, now));
            let same = events.iter().filter(|(at, _)| at / 1000 == now / 1000);
            busiest = busiest.max(same.map(|(_, count)| *count).sum::<u64>());
            let measured = total(workers, now);
            let exact = sliding(&events, now);
            // Each worker rounds down for itself.
            assert!(measured.per_second <= exact, "{events:?}");
            assert!(measured.per_second + count as u64 > exact, "{events:?}");
            assert!(measured.highest() <= model, "{events:?}");
            assert!(measured.highest() >= busiest, "{events:?}");
            assert!(count > 1 || measured.highest() == model, "{events:?}");
        }
    }
}

#[test]
fn a_peak_of_equal_workers_is_their_sum() {
    let (now, peaks) = (
        [0, 1].map(|_| Counter::default()),
        [0, 1].map(|_| Peak::default()),
    );
    let highest = || {
        let mut total = 0;
        for peak in &peaks {
            peak.fold_into(&mut total, Instant::ZERO);
        }
        total
    };
    for _ in 0..1000 {
        for (now_here, peak) in now.iter().zip(&peaks) {
            now_here.add(1);
            peak.observe(now_here.get(), || now.iter().map(Counter::get).sum());
        }
    }
    assert_eq!(highest(), 2000);
    for now_here in &now {
        now_here.sub(900);
    }
    assert_eq!(highest(), 2000);
}

#[test]
fn an_average_follows_the_newest_values() {
    let times = Average::default();
    assert_eq!(average(&[&times]).mean(), 0);
    times.add(10);
    times.add(20);
    assert_eq!(average(&[&times]).mean(), 15);
    for _ in 0..AVERAGE_WINDOW * 8 {
        times.add(100);
    }
    assert!((98..=100).contains(&average(&[&times]).mean()));
    assert_eq!(average(&[&times]).highest, 100);
}

#[test]
fn a_worker_weighs_as_much_as_it_measured() {
    let (busy, idle) = (Average::default(), Average::default());
    for _ in 0..9 {
        busy.add(10);
    }
    idle.add(110);
    assert_eq!(average(&[&busy, &idle]).mean(), 20);
}

#[test]
fn the_latest_of_all_workers_counts_and_never_is_none() {
    let (first, second) = (Latest::default(), Latest::default());
    let mut total = None;
    second.fold_into(&mut total, at(9));
    assert_eq!(total, None);
    first.mark(at(0));
    first.fold_into(&mut total, at(9));
    assert_eq!(total, Some(at(0)));
}
