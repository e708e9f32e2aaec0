//! Several measurements of one quantity.

/// The measurements of one quantity for one contender; never empty.
#[derive(Debug, Clone)]
pub struct Figure {
    sorted: Vec<f64>,
}

impl Figure {
    /// Nothing when there is no measurement.
    pub fn new(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        (!values.is_empty()).then_some(Self { sorted: values })
    }

    pub fn median(&self) -> f64 {
        let middle = self.sorted.len() / 2;
        if self.sorted.len() % 2 == 1 {
            self.sorted[middle]
        } else {
            (self.sorted[middle - 1] + self.sorted[middle]) / 2.0
        }
    }

    pub fn min(&self) -> f64 {
        self.sorted[0]
    }

    pub fn max(&self) -> f64 {
        self.sorted[self.sorted.len() - 1]
    }

    pub fn is_single(&self) -> bool {
        self.sorted.len() == 1
    }

    /// The smallest value that at least `percent` of the values do not exceed.
    pub fn percentile(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.sorted.len() as f64).ceil() as usize;
        self.sorted[rank.clamp(1, self.sorted.len()) - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_percentiles_of_known_values() {
        let figure = Figure::new(vec![5.0, 1.0, 4.0, 2.0, 3.0]).unwrap();
        assert_eq!((figure.median(), figure.min(), figure.max()), (3.0, 1.0, 5.0));
        assert_eq!(Figure::new(vec![1.0, 2.0]).unwrap().median(), 1.5);
        let hundred = Figure::new((1..=100).map(f64::from).collect()).unwrap();
        assert_eq!((hundred.percentile(50.0), hundred.percentile(99.0)), (50.0, 99.0));
        assert!(Figure::new(Vec::new()).is_none());
    }
}
