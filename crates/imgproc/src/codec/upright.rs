//! The orientation, and the conversion between our pixels and those of the crate `image`.

use anyhow::{Context, Result};
use image::DynamicImage;
use image::metadata::Orientation;

use super::Photo;
use super::metadata::{Density, Metadata, exif};

/// Completes the metadata, turns and mirrors the photo as they say, and resets that tag, so that no
/// viewer turns it again.
///
/// # Errors
/// If the photo has more or fewer bytes than its size says.
pub(super) fn upright(mut photo: Photo) -> Result<Photo> {
    let metadata = &mut photo.metadata;
    let exif = metadata.exif.as_deref();
    metadata.density = metadata.density.or_else(|| exif.and_then(exif::density));
    let orientation = orientation(&photo.metadata);
    // Also where EXIF says that nothing is to be turned: XMP, which some programs read instead, may
    // say something else.
    photo.metadata.reset_orientation();
    if orientation == Orientation::NoTransforms {
        return Ok(photo);
    }
    if let Some(Density([across, down])) = &mut photo.metadata.density
        && turns_a_quarter(orientation)
    {
        std::mem::swap(across, down);
    }
    let colours = std::mem::take(&mut photo.colours).into_iter();
    let colours = colours.map(|colour| turned(colour, orientation));
    let colours = colours.collect::<Result<_>>()?;
    let (bilevel, metadata) = (photo.bilevel, std::mem::take(&mut photo.metadata));
    Ok(Photo {
        colours,
        bilevel,
        metadata,
        ..turned(photo, orientation)?
    })
}

/// Turns and mirrors the pixels.
fn turned(photo: Photo, orientation: Orientation) -> Result<Photo> {
    let mut image = into_image(photo).context("pixels do not fill the picture")?;
    image.apply_orientation(orientation);
    Ok(from_image(image))
}

/// Whether nothing has to be turned or mirrored.
pub(super) fn is_upright(metadata: &Metadata) -> bool {
    orientation(metadata) == Orientation::NoTransforms
}

fn orientation(metadata: &Metadata) -> Orientation {
    let orientation = metadata.orientation().and_then(Orientation::from_exif);
    orientation.unwrap_or(Orientation::NoTransforms)
}

/// Whether width and height change places.
fn turns_a_quarter(orientation: Orientation) -> bool {
    orientation.to_exif() > 4
}

fn into_image(photo: Photo) -> Option<DynamicImage> {
    let (width, height) = (photo.width as u32, photo.height as u32);
    Some(match photo.channels {
        1 => image::GrayImage::from_raw(width, height, photo.pixels)?.into(),
        3 => image::RgbImage::from_raw(width, height, photo.pixels)?.into(),
        _ => image::RgbaImage::from_raw(width, height, photo.pixels)?.into(),
    })
}

/// Converts an image of the crate `image`: 16 bits a channel become 8, and luma with alpha becomes
/// RGB with alpha.
pub(super) fn from_image(image: DynamicImage) -> Photo {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let alpha = image.color().has_alpha();
    let (channels, pixels) = match image {
        image if alpha => (4, image.into_rgba8().into_raw()),
        DynamicImage::ImageLuma8(grey) => (1, grey.into_raw()),
        // 16-bit grey: `into_rgb8` keeps the three channels equal.
        image => (3, image.into_rgb8().into_raw()),
    };
    Photo {
        width,
        height,
        channels,
        pixels,
        ..Photo::default()
    }
}
