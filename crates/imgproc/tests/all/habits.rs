//! What people type, and what lies beside their photos.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};
use timing::limit::InTime;

use imgproc::codec::{Format, Photo, Strip, encode};

use crate::cli::{ended, imgproc};
use crate::common::{samples, tree};
use crate::tiffs::{self, fields};

#[test]
fn a_photo_may_be_converted_only() {
    let folder = tempfile::tempdir().unwrap();
    let page = Photo {
        width: 64,
        height: 64,
        channels: 1,
        pixels: (0..64 * 64)
            .map(|i| if i % 5 > 1 { 255 } else { 0 })
            .collect(),
        bilevel: true,
        ..Photo::default()
    };
    let file = encode(&page, Format::Tiff, 90, Strip::Nothing, Vec::new()).unwrap();
    fs::write(folder.path().join("page.tif"), &file).unwrap();
    for strategy in ["sequential", "rows", "pipeline"] {
        let mut command = imgproc(folder.path());
        command.args([strategy, "-f", "convert", "-i", "page.tif", "-o", strategy]);
        ended(command.output_in_time(), 0);
        let result = fs::read(folder.path().join(strategy).join("page.tif")).unwrap();
        assert!(result == file, "one bit stays one bit");
    }
    let mut command = imgproc(folder.path());
    command.args([
        "-f", "convert", "--format", "webp", "-i", "page.tif", "-o", "webp",
    ]);
    ended(command.output_in_time(), 0);
    let webp = image::open(folder.path().join("webp/page.webp")).unwrap();
    assert!(webp.into_luma8().into_raw() == page.pixels);
}

#[test]
fn a_path_without_its_option_is_answered_with_the_command() {
    let folder = tempfile::tempdir().unwrap();
    samples(folder.path());
    let mut command = imgproc(folder.path());
    let (_, err) = ended(command.arg("chelsea.jpg").output_in_time(), 2);
    assert!(
        err.contains("chelsea.jpg is no strategy, but a path: imgproc --input chelsea.jpg"),
        "{err}"
    );
    // And a strategy among paths is one.
    let mut command = imgproc(folder.path());
    command.args(["-o", "out", "-i", "chelsea.jpg", "sequential"]);
    let (out, err) = ended(command.output_in_time(), 0);
    assert!(out.contains(" sequential "), "{out}");
    assert_eq!(err, "");
    // A filter is answered with its option, wherever it stands.
    for place in [&["blur"][..], &["-i", "chelsea.jpg", "blur"]] {
        let mut command = imgproc(folder.path());
        let (_, err) = ended(command.args(place).output_in_time(), 2);
        assert!(err.contains("but a filter: "), "{err}");
        assert!(err.contains("--filter blur\n"), "{err}");
    }
}

#[test]
fn quiet_says_nothing_but_errors() {
    let folder = tempfile::tempdir().unwrap();
    samples(&folder.path().join("in"));
    fs::write(folder.path().join("in/notes.txt"), "").unwrap();
    let run = |output: &str, status| {
        let mut command = imgproc(folder.path());
        command.args(["--quiet", "-i", "in", "-o", output]);
        ended(command.output_in_time(), status)
    };
    assert_eq!(run("out", 0), (String::new(), String::new()));
    fs::write(folder.path().join("in/text.jpg"), "no photo").unwrap();
    let expected = "error: in/text.jpg: not a photo\n".to_owned();
    assert_eq!(run("out2", 1), (String::new(), expected));
}

#[test]
fn files_that_are_no_photos_are_counted_and_folders_of_programs_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    for inner in ["", ".thumbnails", ".Trash-1000/files", "@eaDir", "2026"] {
        samples(&input.join(inner));
    }
    for name in ["a.txt", "b.TXT", "c.heic", "README", ".hidden.txt"] {
        fs::write(input.join(name), "").unwrap();
    }
    fs::write(input.join("text.jpg"), "no photo").unwrap();
    let mut command = imgproc(folder.path());
    command.args(["-i", "in", "missing.jpg", "-o", "out"]);
    let (out, err) = ended(command.output_in_time(), 1);
    assert!(
        err.contains("note: 4 files are no photos: 1 without an extension, 1 heic, 2 txt\n"),
        "{err}"
    );
    // Five, five more in a folder, one that is no photo, and one that is not there.
    assert!(out.contains("10 of 12,"), "{out}");
    assert_eq!(tree(&folder.path().join("out")).len(), 10);
}

#[test]
fn the_time_of_a_photo_is_kept_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    samples(folder.path());
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let photo = File::options()
        .write(true)
        .open(folder.path().join("coffee.jpg"));
    photo.unwrap().set_modified(then).unwrap();
    for (output, more, kept) in [("kept", &["--keep-time"][..], true), ("new", &[], false)] {
        let mut command = imgproc(folder.path());
        command.args(["-i", "coffee.jpg", "-o", output]).args(more);
        ended(command.output_in_time(), 0);
        let result = folder.path().join(output).join("coffee.jpg");
        let result = result.metadata().unwrap();
        assert_eq!(result.modified().unwrap() == then, kept);
        // Some file systems ignore a call that sets one time only.
        assert_eq!(result.accessed().unwrap() == then, kept);
    }
}

#[test]
fn why_results_are_large_is_told() {
    let folder = tempfile::tempdir().unwrap();
    samples(folder.path());
    // A photo that becomes smaller hides nothing: of its 99 pages one is kept.
    let pages = vec![((64, 64), fields(8, 1, 1), vec![vec![7; 64 * 64]]); 99];
    fs::write(folder.path().join("pages.tif"), tiffs::pages(&pages)).unwrap();
    let run = |format: &str| {
        let mut command = imgproc(folder.path());
        command.args(["-f", "convert", "--format", format, "-o", format]);
        command.args(["-i", "coffee.jpg", "pages.tif"]);
        ended(command.output_in_time(), 0).0
    };
    let webp = run("webp");
    assert!(webp.contains("\nwebp: 1 file is "), "{webp}");
    assert!(webp.contains("no encoder for lossy WebP"), "{webp}");
    let jpeg = run("jpeg");
    assert!(!jpeg.contains("times as large"), "{jpeg}");
}

/// Browsers on Windows save JPEGs as `.jfif`, and old programs have had other extensions.
#[test]
fn a_photo_of_a_folder_may_have_a_rare_extension() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs::create_dir(&input).unwrap();
    let page = Photo {
        width: 8,
        height: 8,
        channels: 1,
        pixels: vec![90; 64],
        ..Photo::default()
    };
    let names = ["a.jfif", "b.JPE", "c.apng", "d.dib"];
    for (name, format) in names
        .iter()
        .zip([Format::Jpeg, Format::Jpeg, Format::Png, Format::Bmp])
    {
        let file = encode(&page, format, 90, Strip::Nothing, Vec::new()).unwrap();
        fs::write(input.join(name), file).unwrap();
    }
    let mut command = imgproc(folder.path());
    command.args(["-f", "convert", "-i", "in", "-o", "out"]);
    ended(command.output_in_time(), 0);
    let results = tree(&folder.path().join("out"));
    assert_eq!(
        results
            .iter()
            .map(|(name, _)| name.as_os_str())
            .collect::<Vec<_>>(),
        names
    );
}
