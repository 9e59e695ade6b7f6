//! A queue that needs no memory of its own for one item: most streams never hold more at a time.

use alloc::collections::VecDeque;

#[derive(Debug)]
pub(super) struct Queue<T> {
    /// Empty only if all of it is.
    first: Option<T>,
    rest: VecDeque<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            first: None,
            rest: VecDeque::new(),
        }
    }
}

impl<T> Queue<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.first.as_ref()
    }

    pub(super) fn front_mut(&mut self) -> Option<&mut T> {
        self.first.as_mut()
    }

    pub(super) fn back_mut(&mut self) -> Option<&mut T> {
        match self.rest.is_empty() {
            true => self.first.as_mut(),
            false => self.rest.back_mut(),
        }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.first.is_none() {
            self.first = Some(item);
        } else {
            self.rest.push_back(item);
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let next = self.rest.pop_front();
        core::mem::replace(&mut self.first, next)
    }

    /// Takes everything out, and keeps no more memory than for `kept` items.
    pub(super) fn clear(&mut self, kept: usize, mut each: impl FnMut(T)) {
        while let Some(item) = self.pop() {
            each(item);
        }
        self.rest.shrink_to(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use alloc::vec::Vec;

    #[test]
    fn what_goes_in_comes_out_in_order() {
        let mut queue = Queue::default();
        for item in 0..4 {
            queue.push(item);
        }
        assert_eq!(queue.front(), Some(&0));
        assert_eq!(queue.back_mut(), Some(&mut 3));
        assert_eq!(queue.pop(), Some(0));
        queue.push(4);
        let mut rest = Vec::new();
        queue.clear(1, |item| rest.push(item));
        assert_eq!(rest, [1, 2, 3, 4]);
        assert!(queue.is_empty() && queue.front_mut().is_none());
    }
}
