use super::*;
use crate::Rng;
use alloc::collections::BTreeMap;

fn ms(ms: u64) -> Instant {
    Instant::from_nanos(ms * TICK_NANOS)
}

#[test]
fn fires_once_and_not_before_its_time() {
    let mut timers = Timers::new();
    let mut slot = TimerSlot::default();
    timers.arm(&mut slot, 'a', Instant::from_nanos(1_500_000));
    assert_eq!(timers.expire(ms(1)), None);
    assert_eq!(timers.expire(ms(2)), Some('a'));
    assert_eq!(timers.expire(ms(3)), None);
    assert_eq!(timers.earliest(), None);
}

#[test]
fn pushed_back_and_pulled_in() {
    let mut timers = Timers::new();
    let mut slot = TimerSlot::default();
    timers.arm(&mut slot, 'a', ms(100));
    timers.arm(&mut slot, 'a', ms(5000));
    assert_eq!(timers.expire(ms(4999)), None);
    timers.arm(&mut slot, 'a', ms(5001));
    timers.arm(&mut slot, 'a', ms(5000));
    assert_eq!(timers.expire(ms(5000)), Some('a'));
}

#[test]
fn a_released_slot_never_fires() {
    let mut timers = Timers::new();
    let mut slots: [TimerSlot; 3] = Default::default();
    for (at, slot) in slots.iter_mut().enumerate() {
        timers.arm(slot, at, ms(7));
    }
    timers.release(&mut slots[1]);
    timers.cancel(&slots[0]);
    assert_eq!(timers.expire(ms(9)), Some(2));
    assert_eq!(timers.expire(ms(9)), None);
}

/// The model is a map from owner to due time; every operation is compared with it.
#[test]
fn agrees_with_a_sorted_map_over_random_operations() {
    for seed in 0..50 {
        let mut rng = Rng::from_u64(seed);
        let mut timers = Timers::new();
        let mut slots: Vec<TimerSlot> = (0..40).map(|_| TimerSlot::default()).collect();
        let mut model: BTreeMap<usize, u64> = BTreeMap::new();
        let mut now = 0;
        for _ in 0..2000 {
            let who = rng.below(40) as usize;
            match rng.below(10) {
                0..=4 => {
                    let reach = 1 << rng.below(30);
                    let at = now + rng.below(reach);
                    timers.arm(&mut slots[who], who, ms(at));
                    model.insert(who, at);
                }
                5 => {
                    timers.cancel(&slots[who]);
                    model.remove(&who);
                }
                6 => {
                    timers.release(&mut slots[who]);
                    model.remove(&who);
                }
                _ => {
                    if let Some(first) = model.values().min() {
                        let bound = timers.earliest().expect("armed timers have an earliest");
                        assert!(bound <= ms(*first).max(ms(now)), "seed {seed}");
                    }
                    let reach = 1 << rng.below(20);
                    now += rng.below(reach);
                    while let Some(fired) = timers.expire(ms(now)) {
                        let at = model.remove(&fired).expect("fired but not armed");
                        assert!(at <= now, "seed {seed}: fired early");
                    }
                    assert!(model.values().all(|at| *at > now), "seed {seed}: missed");
                }
            }
        }
    }
}
