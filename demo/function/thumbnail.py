"""A function of AWS Lambda: makes a thumbnail of a photograph."""

import base64
import io

from PIL import Image, ImageOps


def handler(event, context):
    """{"image": base64, "width": pixels} -> {"image": base64 of a JPEG, "size": [width, height]}"""
    with Image.open(io.BytesIO(base64.b64decode(event["image"]))) as photo:
        print(f"{photo.format} of {photo.width} x {photo.height}, {context.get_remaining_time_in_millis()} ms left")
        upright = ImageOps.exif_transpose(photo)
        upright.thumbnail((event["width"], event["width"]))
        out = io.BytesIO()
        upright.convert("RGB").save(out, "JPEG", quality=85)
    return {"image": base64.b64encode(out.getvalue()).decode(), "size": list(upright.size)}
