//! The filters. Each fills a *band*, any run of rows, of its result by itself: so workers can share
//! one photo, and it makes no difference to the result how the rows were split.
//!
//! To add a filter, write its file in `filter/`, and its line in the list `filters!` below.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::codec::{Format, Need, Photo, memory};
use crate::resize::Resize;

#[cfg(test)]
pub(crate) mod accuracy;
mod alpha;
mod gauss;
mod operation;
mod row;
mod sums;

use operation::Operation;
pub use operation::Rows;

/// Makes the modules of the filters, the type that is one of them, and its part of the command
/// line.
macro_rules! filters {
    ($($module:ident :: $Filter:ident)*) => {
        $(mod $module; pub use $module::$Filter;)*

        /// What is done to each photo: one of the filters, with its options.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
        pub enum Filter {
            $(#[doc = concat!("See [`struct@", stringify!($Filter), "`].")] $Filter($Filter),)*
        }

        impl Filter {
            /// Whether the result is made of grey values alone, so that a decoder need not give
            /// colours.
            pub fn luma_is_enough(&self) -> bool {
                match self { $(Self::$Filter(filter) => filter.luma_is_enough(),)* }
            }

            /// Whether the result is the luma of the photo.
            fn is_luma(&self) -> bool {
                match self { $(Self::$Filter(filter) => filter.is_luma(),)* }
            }

            /// The longer side of the result, if the filter does nothing but shrink.
            fn longer_side(&self) -> Option<usize> {
                match self { $(Self::$Filter(filter) => filter.longer_side(),)* }
            }

            /// Whether the photo is already its own result.
            pub fn is_done(&self, photo: &Photo) -> bool {
                match self { $(Self::$Filter(filter) => filter.is_done(photo),)* }
            }

            /// The filter for a picture that was shrunk to half the size, if it treats all channels
            /// alike, each by itself.
            fn halved(&self) -> Option<Self> {
                match self { $(Self::$Filter(filter) => filter.halved().map(Self::$Filter),)* }
            }

            fn keeps_bilevel(&self) -> bool {
                match self { $(Self::$Filter(filter) => filter.keeps_bilevel(),)* }
            }

            fn size(&self, source: &Photo) -> (usize, usize) {
                match self { $(Self::$Filter(filter) => filter.size(source),)* }
            }

            /// Returns the function that computes rows of the result for one picture.
            fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
                match self { $(Self::$Filter(filter) => filter.plan(source),)* }
            }
        }

        /// A filter's name on the command line.
        #[derive(Debug, Clone, Copy)]
        enum Name {
            $($Filter,)*
        }

        impl ValueEnum for Name {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self::$Filter,)*]
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                let (name, help) = match self {
                    $(Self::$Filter => (stringify!($module), $Filter::HELP),)*
                };
                Some(PossibleValue::new(name).help(help))
            }
        }

        /// The choice of a filter on the command line, and the options of all filters.
        #[derive(Debug, Args)]
        pub struct Choice {
            /// What is done to each photo
            #[arg(id = "filter", short, long, value_enum, default_value = "grey")]
            name: Name,

            $(#[command(flatten)] $module: $Filter,)*
        }

        impl Choice {
            /// Returns the filter that was chosen.
            pub fn filter(&self) -> Filter {
                match self.name { $(Name::$Filter => Filter::$Filter(self.$module),)* }
            }
        }
    };
}

filters! {
    grey::Grey
    threshold::Threshold
    blur::Blur
    edges::Edges
    invert::Invert
    convert::Convert
    posterise::Posterise
    thumbnail::Thumbnail
}

impl Filter {
    /// What of a photo the filter needs, for a result of this format.
    pub fn need(&self, format: Format) -> Need {
        Need {
            luma: self.luma_is_enough(),
            longer_side: self.longer_side(),
            frequencies: self.is_luma() && format == Format::Jpeg,
            planes: self.halved().is_some() && format == Format::Jpeg,
        }
    }

    /// Returns the functions that compute rows of the result, for the photo itself and for each of
    /// its [colours](Photo::colours). What all rows need is computed here, once.
    pub fn plans<'a>(&self, source: &'a Photo) -> Vec<Rows<'a>> {
        let colours = source.colours.iter();
        let of_colours = colours.filter_map(|colour| Some(self.halved()?.plan(colour)));
        std::iter::once(self.plan(source))
            .chain(of_colours)
            .collect()
    }

    /// Returns the photo into which the [planned](Self::plans) rows are written, in the memory of
    /// `spare`.
    pub fn canvas(&self, source: &Photo, spare: Vec<u8>) -> Photo {
        let (width, height) = self.size(source);
        // An alpha channel is kept, so grey with alpha stays RGB with alpha.
        let channels = match source.channels {
            3 if self.luma_is_enough() => 1,
            channels => channels,
        };
        Photo {
            width,
            height,
            channels,
            pixels: memory(spare, width * height * channels),
            colours: match self.halved() {
                Some(filter) => {
                    let colours = source.colours.iter();
                    colours
                        .map(|colour| filter.canvas(colour, Vec::new()))
                        .collect()
                }
                None => Vec::new(),
            },
            frequencies: None,
            bilevel: source.bilevel && self.keeps_bilevel(),
            metadata: source.metadata.clone(),
        }
    }
}

/// Returns the photo at another size, by Lanczos. An alpha channel is resized like the others.
pub fn resized(photo: &Photo, width: usize, height: usize) -> Photo {
    let mut pixels = vec![0; width * height * photo.channels];
    let resize = Resize::new((photo.width, photo.height), (width, height));
    resize.rows(&photo.pixels, photo.channels, 0..height, &mut pixels);
    Photo {
        width,
        height,
        pixels,
        ..photo.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(width: usize, height: usize, channels: usize) -> Photo {
        let pixels = (0..width * height * channels)
            .map(|i| (i * 7919 % 251) as u8)
            .collect();
        Photo {
            width,
            height,
            channels,
            pixels,
            ..Photo::default()
        }
    }

    fn whole(filter: Filter, source: &Photo) -> Photo {
        let mut canvas = filter.canvas(source, Vec::new());
        let rows = 0..canvas.height;
        filter.plan(source)(rows, &mut canvas.pixels);
        canvas
    }

    fn in_bands(filter: Filter, source: &Photo, band: usize) -> Photo {
        let mut canvas = filter.canvas(source, Vec::new());
        let stride = canvas.stride();
        for (i, out) in canvas.pixels.chunks_mut(stride * band).enumerate() {
            let rows = i * band..i * band + out.len() / stride;
            filter.plan(source)(rows, out);
        }
        canvas
    }

    #[test]
    fn values_computed_by_hand() {
        let mut source = photo(3, 3, 1);
        source.pixels = vec![0, 0, 100, 0, 0, 100, 0, 0, 100];
        // In the middle: dx = 100 + 100 + 2 * 100 = 400, more than a byte holds; left: nothing.
        assert_eq!(
            whole(Filter::Edges(Edges), &source).pixels[3..6],
            [0, 255, 255]
        );
        let threshold = Filter::Threshold(Threshold { level: 100 });
        assert_eq!(whole(threshold, &source).pixels[..3], [0, 0, 255]);
        assert_eq!(
            whole(Filter::Invert(Invert), &source).pixels[..3],
            [255, 255, 155]
        );
    }

    /// A white sheet with a transparent hole. Some bands contain nothing of the hole.
    #[test]
    fn what_is_transparent_changes_no_colour() {
        let (width, height) = (90, 70);
        let mut source = photo(width, height, 4);
        source.pixels.fill(255);
        for (at, pixel) in source.pixels.chunks_mut(4).enumerate() {
            let (x, y) = (at % width, at / width);
            match y {
                // Black, and fully transparent.
                30..40 if (30..60).contains(&x) => pixel.fill(0),
                50..60 => pixel[3] = 77,
                _ => {}
            }
        }
        for filter in [
            Filter::Thumbnail(Thumbnail { size: 30 }),
            Filter::Blur(Blur { sigma: 2.0 }),
        ] {
            let expected = whole(filter, &source);
            for pixel in expected.pixels.chunks(4).filter(|pixel| pixel[3] > 0) {
                // The smaller alpha is, the fewer values a premultiplied colour can have.
                let most = 255 / u32::from(pixel[3]) + 1;
                let off = |v: &u8| 255 - u32::from(*v);
                assert!(pixel[..3].iter().all(|v| off(v) <= most), "{pixel:?}");
            }
            let first = &expected.pixels[..4 * expected.width];
            assert!(first.iter().all(|&v| v == 255), "{filter:?}: {first:?}");
            assert_eq!(in_bands(filter, &source, 16), expected, "{filter:?}");
        }
    }

    #[test]
    fn a_flat_picture_stays_flat_when_blurred_or_shrunk() {
        let mut source = photo(90, 70, 3);
        source.pixels.fill(200);
        let blurred = whole(Filter::Blur(Blur { sigma: 2.0 }), &source);
        assert!(blurred.pixels.iter().all(|&v| v.abs_diff(200) <= 1));
        let small = whole(Filter::Thumbnail(Thumbnail { size: 30 }), &source);
        assert_eq!((small.width, small.height), (30, 23));
        assert!(small.pixels.iter().all(|&v| v.abs_diff(200) <= 1));
    }

    #[test]
    fn how_the_rows_are_cut_makes_no_difference() {
        let filters = [
            Filter::Grey(Grey),
            Filter::Threshold(Threshold { level: 90 }),
            Filter::Blur(Blur { sigma: 0.8 }),
            Filter::Blur(Blur { sigma: 5.0 }),
            Filter::Edges(Edges),
            Filter::Invert(Invert),
            Filter::Posterise(Posterise { levels: 5 }),
            Filter::Thumbnail(Thumbnail { size: 40 }),
        ];
        for channels in [1, 3, 4] {
            let source = photo(131, 77, channels);
            for filter in filters {
                let expected = whole(filter, &source);
                for band in [1, 2, 7, 16, 76] {
                    assert_eq!(
                        in_bands(filter, &source, band),
                        expected,
                        "{filter:?}, {channels} channels, bands of {band}"
                    );
                }
            }
        }
    }

    #[test]
    fn alpha_is_kept() {
        let source = photo(9, 9, 4);
        for filter in [
            Filter::Grey(Grey),
            Filter::Edges(Edges),
            Filter::Invert(Invert),
        ] {
            let result = whole(filter, &source);
            assert_eq!(result.channels, 4);
            let alpha = |p: &Photo| p.pixels.chunks(4).map(|p| p[3]).collect::<Vec<_>>();
            assert_eq!(alpha(&result), alpha(&source));
        }
    }
}
